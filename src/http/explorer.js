// The explorer: one request at a time, to the hub that served this page and to no other.
// Nothing is stored, and all that is shown is set as text.
'use strict';

const at = (id) => document.getElementById(id);
const form = at('request');
const query = at('query');
const variables = at('variables');
const variablesError = at('variables-error');
const status = at('status');
const answer = at('answer');

/** What stops the request that is under way. */
let underWay = null;

/** Fills the editor with an example. */
function show(example) {
  query.value = example.query;
  variables.value = example.variables ? JSON.stringify(example.variables, null, 2) : '';
  readVariables();
}

/** Variables as an object, `undefined` where none are set, `null` where they cannot be read. */
function readVariables() {
  let fault = '';
  let read;
  if (variables.value.trim()) {
    try {
      read = JSON.parse(variables.value);
      if (read === null || typeof read !== 'object' || Array.isArray(read)) {
        fault = 'Variables are a JSON object, such as { "first": 5 }.';
      }
    } catch (error) {
      fault = `Variables are not JSON: ${error.message}`;
    }
  }
  variablesError.textContent = fault;
  variables.setAttribute('aria-invalid', String(fault !== ''));
  return fault ? null : read;
}

/** The request's body; the purpose goes with it only where one is stated. */
function body(read) {
  const request = { query: query.value };
  if (read !== undefined) {
    request.variables = read;
  }
  const code = at('purpose').value;
  if (code) {
    request.extensions = { purpose: { code, reason: at('reason').value.trim() } };
  }
  return JSON.stringify(request);
}

/** Fills a table's body with rows of text, and hides the table where there are none. */
function fill(table, rows, texts) {
  at(rows).replaceChildren(
    ...texts.map((cells) => {
      const row = document.createElement('tr');
      for (const text of cells) {
        const cell = document.createElement('td');
        cell.textContent = text;
        row.append(cell);
      }
      return row;
    }),
  );
  at(table).hidden = texts.length === 0;
}

/** A value as one line of text. */
function line(value) {
  if (value === null || value === undefined) {
    return '';
  }
  if (Array.isArray(value)) {
    return value.map(line).join('.');
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A list, or none where the answer has another thing in its place. */
function list(value) {
  return Array.isArray(value) ? value : [];
}

/** Shows an answer: its text, what was withheld and what went wrong. */
function present(response, text, took) {
  let told = null;
  try {
    told = JSON.parse(text);
  } catch {
    // Not from the hub, or cut off: shown as it came.
  }
  const withheld = list(told?.extensions?.withheld);
  const errors = list(told?.errors);
  answer.textContent = told === null ? text : JSON.stringify(told, null, 2);
  fill(
    'withheld',
    'withheld-rows',
    withheld.map((entry) => [entry?.path, entry?.level, entry?.count, entry?.contact].map(line)),
  );
  fill(
    'errors',
    'error-rows',
    errors.map((error) => [error?.extensions?.code, error?.message].map(line)),
  );
  const times = withheld.reduce((sum, entry) => sum + (Number(entry?.count) || 0), 0);
  status.textContent =
    `Answered ${response.status} in ${took} ms. ` +
    `Withheld: ${times}. Errors: ${errors.length}.`;
}

/** Says why there is no answer. */
function absent(sentence) {
  answer.textContent = '';
  fill('withheld', 'withheld-rows', []);
  fill('errors', 'error-rows', []);
  status.textContent = sentence;
}

async function run() {
  const read = readVariables();
  if (read === null) {
    variables.focus();
    return;
  }
  underWay?.abort();
  const mine = new AbortController();
  underWay = mine;
  at('stop').hidden = false;
  status.textContent = 'Asking…';
  const began = performance.now();
  const headers = {
    Accept: 'application/graphql-response+json, application/json',
    'Content-Type': 'application/json',
  };
  const token = at('token').value.trim();
  if (token) {
    headers.Authorization = `Bearer ${token}`;
  }
  try {
    const response = await fetch('graphql', {
      method: 'POST',
      headers,
      body: body(read),
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      signal: mine.signal,
    });
    const text = await response.text();
    present(response, text, Math.round(performance.now() - began));
  } catch (error) {
    if (underWay === mine) {
      absent(mine.signal.aborted ? 'Stopped.' : `No answer: ${error.message}.`);
    }
  } finally {
    if (underWay === mine) {
      underWay = null;
      at('stop').hidden = true;
    }
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  run();
});
form.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  }
});
at('stop').addEventListener('click', () => {
  underWay?.abort();
  at('run').focus();
});
variables.addEventListener('input', readVariables);

const examples = JSON.parse(at('examples').textContent);
at('example-list').replaceChildren(
  ...examples.map((example) => {
    const item = document.createElement('li');
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = example.title;
    button.addEventListener('click', () => {
      show(example);
      query.focus();
    });
    item.append(button);
    return item;
  }),
);
show(examples[0]);
