// The explorer page: it loads nothing from elsewhere, and its examples are answered.

import assert from 'node:assert/strict';

import { check, endpoint, headersOf } from './demo.mjs';

const url = endpoint();
const home = new URL('.', url);

const answer = await fetch(home, { headers: { accept: 'text/html' } });
const page = await answer.text();
const block = page.match(/<script type="application\/json" id="examples">([^]*?)<\/script>/);
const examples = block ? JSON.parse(block[1]) : [];

async function ask(viewer, { query, variables, purpose }) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf(viewer) },
    body: JSON.stringify({
      query,
      variables,
      ...(purpose && { extensions: { purpose } }),
    }),
  });
  return response.json();
}

await check('explorer', [
  [
    'the page is served, under a policy that lets nothing in',
    () => {
      assert.equal(answer.status, 200);
      assert.match(answer.headers.get('content-type') ?? '', /^text\/html/);
      const policy = answer.headers.get('content-security-policy') ?? '';
      assert.match(policy, /default-src 'none'/);
      assert.doesNotMatch(policy, /unsafe-|https?:|\*/);
    },
  ],
  [
    'all that it loads is its own',
    async () => {
      const loaded = [...page.matchAll(/\b(?:src|href)="([^"#]+)"/g)].map(([, path]) => path);
      assert.ok(loaded.length >= 2, 'the page loads no script and no style');
      for (const path of loaded) {
        const target = new URL(path, home);
        assert.equal(target.origin, home.origin, `${path} is from elsewhere`);
        assert.equal((await fetch(target)).status, 200, `${path} is not there`);
      }
    },
  ],
  ['it has examples', () => assert.ok(examples.length > 0)],
  ...examples.flatMap((example) =>
    ['anyone', 'partner', 'secretariat'].map((viewer) => [
      `"${example.title}" is answered to ${viewer}`,
      async () => {
        const { data, errors } = await ask(viewer, example);
        assert.ok(!errors, JSON.stringify(errors));
        assert.ok(data);
      },
    ]),
  ),
]);
