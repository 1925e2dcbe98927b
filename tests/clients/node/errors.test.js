'use strict';

// Refusals, as the vendor's own errors: `errors` in cases.json.

const assert = require('node:assert/strict');
const { it } = require('node:test');

const { UPPER_CASE_UUID, cases, forEachClient } = require('./cases');

forEachClient((client) => {
  for (const errorsCase of cases.errors) {
    it(`${errorsCase.name} with the vendor's error`, async () => {
      const refusal = await client.refusalOf(() => client.listCustomImages(errorsCase.parameters));

      assert.equal(refusal.status, errorsCase.status);
      assert.equal(refusal.code, errorsCase.code);
      assert.equal(refusal.message, errorsCase.message);
      assert.match(refusal.requestId, UPPER_CASE_UUID);
      assert.ok(refusal.shown.includes(errorsCase.message), refusal.shown);
    });
  }

  it('action that is not emulated is named in the error', async () => {
    const refusal = await client.refusalOf(() => client.listFirewallRules());

    assert.equal(refusal.status, 400);
    assert.equal(refusal.code, 'NotImplemented');
    assert.ok(refusal.message.startsWith('ListFirewallRules is not emulated;'), refusal.message);
    assert.ok(refusal.message.includes('ListCustomImages'), refusal.message);
    assert.match(refusal.requestId, UPPER_CASE_UUID);
  });

  it('missing region ID is refused', async () => {
    const refusal = await client.refusalOf(() => client.listCustomImages({}));

    assert.equal(refusal.status, 400);
    assert.equal(refusal.code, 'MissingRegionId');
    assert.equal(refusal.message, 'RegionId is mandatory for this action.');
  });
});
