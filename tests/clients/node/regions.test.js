'use strict';

// `ListRegions`: `regions` in cases.json, and a language that is refused.

const assert = require('node:assert/strict');
const { it } = require('node:test');

const { UPPER_CASE_UUID, cases, forEachClient } = require('./cases');

forEachClient((client) => {
  for (const regionsCase of cases.regions) {
    it(`${regionsCase.name} and regions arrive in order`, async () => {
      const { requestId, regions } = await client.listRegions(regionsCase.parameters);

      assert.equal(regions.length, regionsCase.n_regions);
      assert.equal(regions[0].RegionId, regionsCase.first_region_id);
      assert.deepEqual(
        regions.filter((region) => region.RegionId === 'cn-hangzhou'),
        [regionsCase.hangzhou],
      );
      assert.match(requestId, UPPER_CASE_UUID);
    });
  }

  it('another language is refused', async () => {
    const refusal = await client.refusalOf(() => client.listRegions({ AcceptLanguage: 'fr-FR' }));

    assert.equal(refusal.status, 400);
    assert.equal(refusal.code, 'InvalidAcceptLanguage');
    assert.equal(refusal.message, 'Specified parameter AcceptLanguage is not valid.');
  });
});
