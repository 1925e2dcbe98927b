'use strict';

// The emulator's control API, as far as these tests need it.

const assert = require('node:assert/strict');

const { endpoint } = require('./clients');

async function control(method, path, body) {
  const response = await fetch(`http://${endpoint()}/_emulator/${path}`, {
    method,
    body: body && JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${text}`);
  return JSON.parse(text);
}

/** Runs `body` under a fault that strikes the calls of one AccessKeyId only; returns how often it did. */
async function underFault(accessKeyId, effect, body) {
  await control('POST', 'faults', { id: accessKeyId, match: { accessKeyId }, effect });
  try {
    await body();
    const { faults } = await control('GET', 'faults');
    return faults.find((rule) => rule.id === accessKeyId).hits;
  } finally {
    await control('DELETE', `faults/${accessKeyId}`);
  }
}

/** Returns what the journal has of one AccessKeyId, the first request first. */
async function requestsOf(accessKeyId) {
  const { requests } = await control('GET', 'requests?pageSize=1000');
  return requests.filter((request) => request.accessKeyId === accessKeyId);
}

/** Returns the journal's groups of retries of one AccessKeyId. */
async function retriesOf(accessKeyId) {
  const ids = new Set((await requestsOf(accessKeyId)).map((request) => request.requestId));
  const { retries } = await control('GET', 'retries');
  return retries.filter((group) => ids.has(group.attempts[0].requestId));
}

module.exports = { requestsOf, retriesOf, underFault };
