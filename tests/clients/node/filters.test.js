'use strict';

// Every filter of the operation: `filters` in cases.json.

const assert = require('node:assert/strict');
const { it } = require('node:test');

const { cases, forEachClient } = require('./cases');

forEachClient((client) => {
  for (const filtersCase of cases.filters) {
    it(filtersCase.name, async () => {
      const answer = await client.listCustomImages(filtersCase.parameters);

      assert.deepEqual(
        answer.images.map((image) => image.ImageId),
        filtersCase.image_ids,
      );
      assert.equal(answer.totalCount, String(filtersCase.image_ids.length));
    });
  }
});
