'use strict';

// Sandboxes: parallel suites, each with an AccessKeyId of its own, see only their own images.

const assert = require('node:assert/strict');
const path = require('node:path');
const { after, before, describe, it } = require('node:test');

const { ALL } = require('./clients');
const { control, started } = require('./emulators');

const N_SANDBOXES = 20;
const N_ROUNDS = 3;

let emulator;

before(async () => {
  emulator = await started('--isolate', '--fixture', path.join(__dirname, '..', 'fixture.json'));
});

after(() => emulator.stop());

const image = (id, more) => ({
  ImageId: id,
  RegionId: 'cn-hangzhou',
  Name: id,
  Status: '0',
  ...more,
});

async function run(Client, number) {
  const { endpoint } = emulator;
  const key = `${Client.label}-${number}`;
  const sandbox = { sandbox: key };
  const client = new Client(endpoint, key);
  const own = [`m-of-${key}-a`, `m-of-${key}-b`];

  async function listed() {
    const answer = await client.listCustomImages({ RegionId: 'cn-hangzhou', PageSize: 100 });
    assert.equal(answer.totalCount, String(answer.images.length));
    return new Map(answer.images.map((found) => [found.ImageId, found]));
  }

  const seed = await listed();
  assert.equal(seed.size, 25, 'a sandbox starts as the seed');
  for (let round = 0; round < N_ROUNDS; round += 1) {
    await control(endpoint, 'POST', 'reset', { to: 'empty', ...sandbox });
    const images = own.map((id) => image(id, { Description: key }));
    await control(endpoint, 'PUT', 'images', sandbox, images);
    for (const status of ['0', '1', '3']) {
      await control(endpoint, 'PATCH', `images/${own[0]}`, sandbox, { Status: status });
      const found = await listed();
      assert.deepEqual([...found.keys()].sort(), own);
      assert.deepEqual(
        own.map((id) => found.get(id).Status),
        [status, '0'],
      );
      for (const { Description } of found.values()) assert.equal(Description, key);
    }
    await control(endpoint, 'DELETE', `images/${own[1]}`, sandbox);
    assert.deepEqual([...(await listed()).keys()], own.slice(0, 1));
    await control(endpoint, 'POST', 'reset', sandbox);
    assert.deepEqual(await listed(), seed);
  }
}

for (const Client of ALL) {
  describe(Client.label, () => {
    it('parallel sandboxes see only their own images', async () => {
      await Promise.all(Array.from({ length: N_SANDBOXES }, (_, number) => run(Client, number)));
    });

    it("a polling loop ends when the sandbox's clock is advanced", async () => {
      const { endpoint } = emulator;
      const sandbox = { sandbox: `polling-${Client.label}` };
      const client = new Client(endpoint, sandbox.sandbox);
      await control(endpoint, 'PUT', 'clock', sandbox, { freeze: '2026-01-01T00:00:00Z' });
      const timeline = [{ after: '10m', set: { Status: '3' } }];
      await control(endpoint, 'PUT', 'images', sandbox, [
        image('m-copying', { 'x-timeline': timeline }),
      ]);

      const statuses = [];
      while (statuses.at(-1) !== '3') {
        const parameters = { RegionId: 'cn-hangzhou', ImageIds: '["m-copying"]' };
        const answer = await client.listCustomImages(parameters);
        statuses.push(answer.images[0].Status);
        assert.ok(statuses.length < 10, 'the loop does not end');
        await control(endpoint, 'PUT', 'clock', sandbox, { advance: '5m' });
      }

      assert.deepEqual(statuses, ['0', '0', '3']);
    });

    it("a key that no sandbox can have is the vendor's error", async () => {
      const client = new Client(emulator.endpoint, 'a/b');

      const refusal = await client.refusalOf(() =>
        client.listCustomImages({ RegionId: 'cn-hangzhou' }),
      );

      assert.deepEqual([refusal.status, refusal.code], [400, 'InvalidAccessKeyId']);
      assert.equal(refusal.message, 'Specified parameter AccessKeyId is not valid.');
    });
  });
}
