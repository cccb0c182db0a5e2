// Three clients as partners use them: each reads withheld fields, and none raises.

import assert from 'node:assert/strict';

import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client/core';
import { createClient, fetchExchange } from '@urql/core';
import { GraphQLClient } from 'graphql-request';

import { check, endpoint, headersOf } from './demo.mjs';

const url = endpoint();

const MECHANISMS = `
  query Mechanisms($first: Int!) {
    mechanisms(first: $first) {
      edges { node { code name workingMethods } }
      totalCount
    }
  }
`;

const COMMUNICATIONS = `
  query Communications($first: Int!) {
    communications(first: $first) {
      edges { node { reference status docketNote } }
      totalCount
    }
  }
`;

/** Each asks as a partner's program would, with the library's defaults, and rejects as it does. */
const CLIENTS = {
  async 'graphql-request'(viewer, query, variables) {
    const client = new GraphQLClient(url, { headers: headersOf(viewer) });
    const { data, extensions } = await client.rawRequest(query, variables);
    assert.deepEqual(await client.request(query, variables), data, 'two answers differ');
    return { data, extensions };
  },
  async urql(viewer, query, variables) {
    const client = createClient({
      url,
      exchanges: [fetchExchange],
      fetchOptions: { headers: headersOf(viewer) },
      preferGetMethod: false,
    });
    const { data, error, extensions } = await client.query(query, variables).toPromise();
    if (error) {
      throw error;
    }
    return { data, extensions };
  },
  async 'Apollo Client'(viewer, query, variables) {
    const client = new ApolloClient({
      cache: new InMemoryCache(),
      link: new HttpLink({ uri: url, headers: headersOf(viewer) }),
    });
    const { data, error } = await client.query({ query: gql(query), variables });
    client.stop();
    if (error) {
      throw error;
    }
    return { data };
  },
};

/** Nodes of a page; each has each field, withheld or not. */
function nodesOf(connection, fields) {
  assert.equal(typeof connection.totalCount, 'number');
  const nodes = connection.edges.map((edge) => edge.node);
  assert.ok(nodes.length > 0, 'the page is empty');
  assert.ok(connection.totalCount >= nodes.length, 'the total is less than the page');
  for (const node of nodes) {
    for (const field of fields) {
      assert.ok(field in node, `${field} is absent; a withheld field is null`);
    }
  }
  return nodes;
}

/** What the answer says of the fields that it withholds, where the client passes that on. */
function assertWithheld(extensions, field) {
  assert.ok(Array.isArray(extensions?.withheld), 'extensions.withheld is no list');
  const entry = extensions.withheld.find(({ path }) => JSON.stringify(path).includes(field));
  assert.ok(entry, `extensions.withheld does not name ${field}`);
  assert.deepEqual(Object.keys(entry).sort(), ['contact', 'count', 'level', 'path']);
  assert.ok(entry.count > 0, 'a withheld field is withheld at least once');
}

const checks = Object.entries(CLIENTS).flatMap(([name, ask]) => [
  [
    `${name} reads mechanisms without a token`,
    async () => {
      const { data, extensions } = await ask('anyone', MECHANISMS, { first: 3 });
      const nodes = nodesOf(data.mechanisms, ['code', 'name', 'workingMethods']);
      assert.equal(nodes.length, 3);
      assert.ok(nodes.every((node) => node.code && node.name));
      assert.ok(nodes.some((node) => node.workingMethods === null));
      if (extensions) {
        assertWithheld(extensions, 'workingMethods');
      }
    },
  ],
  [
    `${name} reads communications without a token`,
    async () => {
      const { data, extensions } = await ask('anyone', COMMUNICATIONS, { first: 5 });
      const nodes = nodesOf(data.communications, ['reference', 'status', 'docketNote']);
      assert.ok(nodes.every((node) => node.docketNote === null), 'a note is told to anyone');
      if (extensions) {
        assertWithheld(extensions, 'docketNote');
      }
    },
  ],
  [
    `${name} reads communications as a partner`,
    async () => {
      const { data } = await ask('partner', COMMUNICATIONS, { first: 100 });
      const nodes = nodesOf(data.communications, ['reference', 'status', 'docketNote']);
      assert.ok(nodes.every((node) => node.docketNote === null), 'a note is told to a partner');
    },
  ],
  [
    `${name} reads communications as a secretariat`,
    async () => {
      const mine = await ask('secretariat', COMMUNICATIONS, { first: 100 });
      const anyones = await ask('anyone', COMMUNICATIONS, { first: 100 });
      const nodes = nodesOf(mine.data.communications, ['reference', 'status', 'docketNote']);
      assert.ok(nodes.some((node) => node.docketNote !== null), 'no note is told to its owner');
      assert.ok(
        mine.data.communications.totalCount > anyones.data.communications.totalCount,
        'a secretariat sees no more than anyone',
      );
    },
  ],
]);

await check('clients', checks);
