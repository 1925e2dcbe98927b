'use strict';

// Walking the pages of a listing to its end.

const assert = require('node:assert/strict');
const { it } = require('node:test');

const { cases, forEachClient } = require('./cases');

const WALKS = [
  { pageSize: 10, nImages: [10, 10, 5] },
  { pageSize: 7, nImages: [7, 7, 7, 4] },
  { pageSize: 25, nImages: [25] },
  { pageSize: 100, nImages: [25] },
];

forEachClient((client) => {
  for (const { pageSize, nImages } of WALKS) {
    it(`pages of ${pageSize} join into the whole listing, newest first`, async () => {
      const expected = cases.listings['cn-hangzhou'];
      const pages = [];
      while (pages.flat().length < expected.length) {
        const number = pages.length + 1;
        const answer = await client.listCustomImages({
          RegionId: 'cn-hangzhou',
          PageSize: pageSize,
          PageNumber: number,
        });
        assert.equal(answer.totalCount, '25');
        assert.equal(answer.pageSize, String(pageSize));
        assert.equal(answer.pageNumber, String(number));
        assert.ok(answer.images.length > 0, `page ${number} is empty, the listing is not at its end`);
        pages.push(answer.images);
      }

      assert.deepEqual(
        pages.map((page) => page.length),
        nImages,
      );
      const images = pages.flat();
      // Equal creation times lie across the ends of the first and the second page of ten.
      assert.deepEqual(images, images.toSorted(newestFirst));
      assert.deepEqual(
        images.map((image) => image.ImageId),
        expected,
      );
    });
  }

  it('page past the end is empty and keeps the total', async () => {
    const answer = await client.listCustomImages({
      RegionId: 'cn-hangzhou',
      PageSize: 10,
      PageNumber: 4,
    });

    assert.deepEqual(answer.images, []);
    assert.equal(answer.totalCount, '25');
    assert.equal(answer.pageSize, '10');
    assert.equal(answer.pageNumber, '4');
  });

  it('pages of a filtered listing count only its matches', async () => {
    const answer = await client.listCustomImages({
      RegionId: 'cn-hangzhou',
      Tag: [{ Key: 'team' }],
      PageSize: 5,
      PageNumber: 2,
    });

    assert.deepEqual(
      answer.images.map((image) => image.ImageId),
      ['m-bp1dbnew0000000001', 'm-bp1broken000000001'],
    );
    assert.equal(answer.totalCount, '7');
  });
});

function newestFirst(left, right) {
  if (left.CreationTime !== right.CreationTime) {
    return left.CreationTime < right.CreationTime ? 1 : -1;
  }
  return left.ImageId < right.ImageId ? -1 : 1;
}
