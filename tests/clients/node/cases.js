'use strict';

// The cases that the suites of all languages share, and the loop that runs them for each client.

const { readFileSync } = require('node:fs');
const path = require('node:path');
const { describe } = require('node:test');

const clients = require('./clients');

const cases = JSON.parse(readFileSync(path.join(__dirname, '..', 'cases.json'), 'utf8'));

const UPPER_CASE_UUID = /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/;

/** Declares the tests of `body` once for each of `makes`; by default, for every client. */
function forEachClient(body, makes = clients.ALL) {
  for (const Client of makes) {
    describe(Client.label, () => body(new Client(clients.endpoint())));
  }
}

module.exports = { UPPER_CASE_UUID, cases, forEachClient };
