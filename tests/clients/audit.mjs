// The audits of GraphQL over HTTP that `graphql-http` brings: all of them, recommendations too.

import { serverAudits } from 'graphql-http';

import { endpoint } from './demo.mjs';

const EXPECTED = 61;

const audits = serverAudits({ url: endpoint(), fetchFn: fetch });
let passed = 0;
for (const audit of audits) {
  let result;
  try {
    result = await audit.fn();
  } catch (error) {
    result = { ...audit, status: 'fault', reason: error?.message ?? String(error) };
  }
  if (result.status === 'ok') {
    passed += 1;
    continue;
  }
  console.log(`${result.status}: ${result.id} ${result.name}\n    ${result.reason}`);
  if (result.response) {
    const { status, headers } = result.response;
    console.log(`    answered ${status}, ${headers.get('content-type') ?? 'no content type'}`);
  }
}

console.log(`audits: ${passed} of ${audits.length}`);
if (passed !== EXPECTED || audits.length !== EXPECTED) {
  console.log(`audits: expected ${EXPECTED} of ${EXPECTED}`);
  process.exitCode = 1;
}
