// The joint calendar, as a calendar program's own library reads it.

import assert from 'node:assert/strict';

import ICAL from 'ical.js';

import { check, endpoint, headersOf } from './demo.mjs';

const graphql = endpoint();
const publicFeed = new URL('/calendar.ics', graphql).href;
const ownFeed = new URL('/calendar/own.ics', graphql).href;

/** The calendar at an address; it raises where the library does. */
async function calendar(url, headers = {}) {
  const answer = await fetch(url, { headers });
  assert.equal(answer.status, 200, `${url}: ${answer.status}`);
  assert.match(answer.headers.get('content-type'), /^text\/calendar/);
  const component = new ICAL.Component(ICAL.parse(await answer.text()));
  return { answer, component };
}

function events(component) {
  return component.getAllSubcomponents('vevent').map((event) => new ICAL.Event(event));
}

await check('calendar', [
  ['the public feed is read whole', async () => {
    const { answer, component } = await calendar(publicFeed);
    assert.equal(component.getFirstPropertyValue('version'), '2.0');
    assert.equal(component.getFirstPropertyValue('refresh-interval').toString(), 'PT6H');
    const all = events(component);
    assert.ok(all.length > 0, 'there are events');
    assert.equal(new Set(all.map((event) => event.uid)).size, all.length, 'each has its UID');
    for (const event of all) {
      assert.ok(event.summary && event.startDate && event.endDate, event.uid);
      assert.ok(event.startDate.compare(event.endDate) < 0, event.uid);
    }
    const again = await fetch(publicFeed, {
      headers: { 'if-none-match': answer.headers.get('etag') },
    });
    assert.equal(again.status, 304);
  }],
  ['what is cancelled says so, and a month is every day of it', async () => {
    const { component } = await calendar(publicFeed);
    const given = events(component).find((event) => event.summary.startsWith('Ordinary session'));
    assert.equal(given.component.getFirstPropertyValue('status'), 'CANCELLED');
    assert.ok(given.startDate.isDate);
    assert.equal(given.startDate.toString(), '2027-03-01');
    assert.equal(given.endDate.toString(), '2027-04-01');
    assert.equal(given.component.getFirstPropertyValue('transp'), 'TRANSPARENT');
    assert.match(given.component.getFirstPropertyValue('comment'), /not known/);
  }],
  ['without a credential there is a challenge', async () => {
    for (const headers of [{}, { authorization: `Basic ${btoa('none:none')}` }, headersOf('partner')]) {
      const answer = await fetch(ownFeed, { headers });
      assert.equal(answer.status, 401);
      assert.match(answer.headers.get('www-authenticate'), /^Basic /);
    }
  }],
]);
