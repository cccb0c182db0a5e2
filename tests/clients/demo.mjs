// The running demo: where it is and whom it knows, as it said when it was ready.

const ready = JSON.parse(process.env.LIAISON_DEMO ?? 'null');

/** Address of the GraphQL endpoint: the first argument, or what the demo said. */
export function endpoint() {
  const said = process.argv[2] ?? ready?.url;
  if (!said) {
    throw new Error('name the endpoint, or set LIAISON_DEMO to the line of `liaison demo --json`');
  }
  const url = new URL(said);
  return url.pathname === '/' ? new URL('graphql', url).href : url.href;
}

/** Headers of a viewer of the cast; none for `anyone`. */
export function headersOf(viewer) {
  if (viewer === 'anyone') {
    return {};
  }
  const token = ready?.tokens?.[viewer];
  if (!token) {
    throw new Error(`the demo issued no token for ${viewer}`);
  }
  return { authorization: `Bearer ${token}` };
}

/** Runs named checks one after the other, prints each, and sets the exit code. */
export async function check(title, checks) {
  let failed = 0;
  for (const [name, act] of checks) {
    try {
      await act();
      console.log(`${title}: ${name} ... ok`);
    } catch (error) {
      failed += 1;
      console.log(`${title}: ${name} ... FAILED\n    ${error?.message ?? error}`);
    }
  }
  console.log(`${title}: ${checks.length - failed} of ${checks.length}`);
  if (failed > 0) {
    process.exitCode = 1;
  }
}
