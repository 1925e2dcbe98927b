'use strict';

// A plain listing: the types of the answer's fields, and every field of an image.

const assert = require('node:assert/strict');
const { it } = require('node:test');

const { UPPER_CASE_UUID, cases, forEachClient } = require('./cases');
const { Tea, TeaV1, teaRequest } = require('./clients');

forEachClient((client) => {
  for (const [regionId, expected] of Object.entries(cases.listings)) {
    it(`${regionId} lists its images and paging fields are strings`, async () => {
      const answer = await client.listCustomImages({ RegionId: regionId });

      assert.deepEqual(
        answer.images.map((image) => image.ImageId),
        expected.slice(0, 10),
      );
      assert.equal(answer.totalCount, String(expected.length));
      assert.equal(answer.pageSize, '10');
      assert.equal(answer.pageNumber, '1');
      assert.match(answer.requestId, UPPER_CASE_UUID);
    });
  }

  it('header carries the request ID and no warning', async () => {
    const answer = await client.listCustomImages({
      RegionId: 'cn-hangzhou',
      Share: true,
      Tag: [{ Key: 'env' }],
    });

    assert.equal(answer.headers['x-acs-request-id'], answer.requestId);
    assert.equal(answer.headers['content-type'], 'application/json;charset=utf-8');
    // Nothing that an official client sends may look like a mistake to the emulator.
    assert.equal(answer.headers['x-emulator-warning'], undefined);
  });

  it('every field of a full image arrives', async () => {
    const fullImage = cases.full_image;

    const answer = await client.listCustomImages({
      RegionId: 'cn-hangzhou',
      ImageIds: JSON.stringify([fullImage.ImageId]),
    });

    assert.deepEqual(JSON.parse(JSON.stringify(answer.images)), [fullImage]);
  });

  it('absent fields are left out but flags and lists are there', async () => {
    const answer = await client.listCustomImages({
      RegionId: 'cn-hangzhou',
      ImageNames: '["minimal"]',
    });

    assert.deepEqual(JSON.parse(JSON.stringify(answer.images)), [
      {
        CreationTime: '2026-01-01T00:00:00Z',
        InShare: false,
        InShareUser: false,
        RegionId: 'cn-hangzhou',
        Name: 'minimal',
        ImageId: 'm-bp1minimal00000001',
        Status: '1',
        Tags: [],
        CreateInstances: [],
      },
    ]);
  });

  it('every status arrives as a digit in a string', async () => {
    const names = ['shop-copy', 'minimal', 'retired', 'db-backup-failed', 'shop-2026-11'];

    const answer = await client.listCustomImages({
      RegionId: 'cn-hangzhou',
      ImageNames: JSON.stringify(names),
    });

    const statuses = new Map(answer.images.map((image) => [image.Name, image.Status]));
    assert.deepEqual(
      names.map((name) => statuses.get(name)),
      ['0', '1', '2', '3', '4'],
    );
  });
});

forEachClient(
  (client) => {
    it('typed model of a full image', async () => {
      const request = teaRequest({ RegionId: 'cn-hangzhou', ImageNames: '["shop-2026-10"]' });

      const { customImages } = (await client.sdk.listCustomImages(request)).body;

      assert.equal(customImages.length, 1);
      const [image] = customImages;
      assert.equal(image.creationTime, '2026-10-09T02:28:06Z');
      assert.equal(image.dataSnapshotId, 's-bp1data0000000000001');
      assert.equal(image.dataSnapshotName, '数据盘快照');
      assert.equal(image.systemSnapshotId, 's-bp1system00000000001');
      assert.equal(image.systemSnapshotName, '系统盘快照');
      assert.equal(image.description, '网店镜像，2026 年 10 月 – prêt à l’emploi');
      assert.equal(image.imageId, 'm-bp1full00000000001');
      assert.equal(image.inShare, true);
      assert.equal(image.inShareUser, true);
      assert.equal(image.instanceId, '2d06ee0520b44de1ae88d4be3c1f0a01');
      assert.equal(image.instanceName, 'web-1');
      assert.equal(image.name, 'shop-2026-10');
      assert.equal(image.osType, 'Linux');
      assert.equal(image.regionId, 'cn-hangzhou');
      assert.equal(image.requiredDataDiskSize, 120);
      assert.equal(image.requiredSystemDiskSize, 50);
      assert.equal(image.resourceGroupId, 'rg-acfm2h2lvp3ublq');
      assert.equal(image.sourceImageName, 'CentOS');
      assert.equal(image.sourceImageVersion, '8.0');
      assert.equal(image.status, '1');
      assert.deepEqual(
        image.tags.map((tag) => [tag.key, tag.value]),
        [
          ['env', 'prod'],
          ['team', 'web'],
        ],
      );
      assert.deepEqual(image.createInstances, [
        '7c1f0b6f5ad34d58b1b7a1f7de0a4e11',
        '7c1f0b6f5ad34d58b1b7a1f7de0a4e12',
      ]);
      assert.equal(image.userId, 1287495036218470);
    });
  },
  [Tea, TeaV1],
);
