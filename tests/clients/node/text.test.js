'use strict';

// Text outside ASCII, in both directions: `text` in cases.json.

const assert = require('node:assert/strict');
const { it } = require('node:test');

const { cases, forEachClient } = require('./cases');

forEachClient((client) => {
  for (const textCase of cases.text) {
    it(`${textCase.name} is found by a filter and read back unchanged`, async () => {
      const answer = await client.listCustomImages(textCase.parameters);

      assert.deepEqual(
        answer.images.map((image) => image.ImageId),
        textCase.image_ids,
      );
      const firstImage = JSON.parse(JSON.stringify(answer.images[0]));
      for (const [name, value] of Object.entries(textCase.first_image)) {
        assert.deepEqual(firstImage[name], value);
      }
    });
  }
});
