'use strict';

// What each client makes of each fault: `faults` in cases.json, magic credentials, and retries.

const assert = require('node:assert/strict');
const { randomBytes } = require('node:crypto');
const { describe, it } = require('node:test');

const { ClientError, ServerError, ThrottlingError } = require('@alicloud/openapi-core');
const { RetryOptions } = require('@darabonba/typescript');

const { UPPER_CASE_UUID, cases } = require('./cases');
const clients = require('./clients');
const { requestsOf, retriesOf, underFault } = require('./control');

// A change between two pages shows on the second one.
const SECOND_PAGE = { RegionId: 'cn-hangzhou', PageSize: 10, PageNumber: 2 };
const LISTING = cases.listings['cn-hangzhou'];

const THROTTLED = 'Request was denied due to user flow control.';
const FAILED = 'An error occurred while processing your request.';
const OWN = 'Café 关门 & more';
const UUID = UPPER_CASE_UUID.source.slice(1, -1);

/** The exact class of the error, a pattern for the whole of its text, and its fields. */
function throws(type, message, fields = {}) {
  return { type, message: new RegExp(`^${message}$`, 's'), fields };
}

/** The total and the images, from where in the listing; never faster than the fault lets it. */
function lists({ totalCount = '25', start = 10, ms = 0 } = {}) {
  return { totalCount, imageIds: LISTING.slice(start, start + 10), ms };
}

function teaError(type, code, statusCode, text, fields = {}) {
  const message = `${code}: code: ${statusCode}, ${text} request id: ${UUID}`;
  return throws(type, message, { name: type.name, code, statusCode, ...fields });
}

const TEA = {
  // This client knows throttling by the code, with or without the header.
  throttling_user: teaError(ThrottlingError, 'Throttling.User', 400, THROTTLED, { retryAfter: undefined }),
  throttling_with_retry_after: teaError(ThrottlingError, 'Throttling.User', 400, THROTTLED, {
    retryAfter: 1500,
  }),
  internal_error: teaError(ServerError, 'InternalError', 500, FAILED),
  own_error: teaError(ClientError, 'Shop.Closed', 429, OWN),
  delay: lists({ ms: 300 }),
  reset: throws(Error, 'read ECONNRESETPOST http://.* failed\\.', { code: 'ECONNRESET', syscall: 'read' }),
  empty: throws(Error, 'socket hang upPOST http://.* failed\\.', { code: 'ECONNRESET' }),
  truncate: throws(Error, 'aborted', { code: 'ECONNRESET' }),
  dribble: lists({ ms: 300 }),
  malformed: throws(SyntaxError, "Expected ',' or '}' after property value in JSON at position .*"),
  html502: throws(SyntaxError, "Unexpected token '<', \"<html>.* is not valid JSON"),
  // The model turns the number into the string that it promises.
  wrong_type: lists(),
  paging: lists({ totalCount: '26', start: 9 }),
};

function popError(code, text) {
  return throws(Error, `${text}, URL: http://.*`, { name: `${code}Error`, code });
}

// What this client throws at a body that is no JSON is no Error, but a plain object.
function popBadJson(message) {
  return throws(Object, message, { name: 'SyntaxError' });
}

function pop(method) {
  return {
    throttling_user: popError('Throttling.User', THROTTLED),
    throttling_with_retry_after: popError('Throttling.User', THROTTLED),
    internal_error: popError('InternalError', FAILED),
    own_error: popError('Shop.Closed', OWN),
    delay: lists({ ms: 300 }),
    reset: throws(Error, `read ECONNRESET${method} http://.* failed\\.`, { code: 'ECONNRESET', syscall: 'read' }),
    empty: throws(Error, `socket hang up${method} http://.* failed\\.`, { code: 'ECONNRESET' }),
    truncate: throws(Error, 'aborted', { code: 'ECONNRESET' }),
    dribble: lists({ ms: 300 }),
    malformed: popBadJson("Expected ',' instead of ''"),
    html502: popBadJson("Unexpected '<'"),
    wrong_type: lists({ totalCount: 25 }),
    paging: lists({ totalCount: '26', start: 9 }),
  };
}

const EXPECTED = new Map([
  [clients.Tea, TEA],
  [clients.TeaV1, TEA],
  [clients.Pop, pop('GET')],
  [clients.PopPost, pop('POST')],
]);

// The emulator counts by AccessKeyId for as long as it runs, so each test has one of its own.
function fresh(name) {
  return `${name}-${randomBytes(4).toString('hex')}`;
}

function checkError(error, { type, message, fields }) {
  assert.equal(error.constructor, type);
  assert.match(error.message, message);
  for (const [name, value] of Object.entries(fields)) {
    assert.equal(error[name], value, name);
  }
}

function imageIds(answer) {
  return answer.images.map((image) => image.ImageId);
}

for (const Client of clients.ALL) {
  describe(Client.label, () => {
    for (const { name, effect } of cases.faults) {
      it(`${name} reaches the caller as this client shows it`, async () => {
        const expected = EXPECTED.get(Client)[name];
        assert.ok(expected, `nothing is expected of ${name}`);
        const accessKeyId = fresh(`${Client.label}-${name}`);
        const client = new Client(clients.endpoint(), accessKeyId);

        const nHits = await underFault(accessKeyId, effect, async () => {
          if (expected.type) {
            checkError(await clients.rejection(() => client.listCustomImages(SECOND_PAGE)), expected);
            return;
          }
          const started = performance.now();
          const answer = await client.listCustomImages(SECOND_PAGE);
          assert.ok(performance.now() - started >= expected.ms);
          assert.strictEqual(answer.totalCount, expected.totalCount);
          assert.deepEqual(imageIds(answer), expected.imageIds);
        });

        // By default none of the clients sends a request again.
        assert.equal(nHits, 1);
        assert.equal((await requestsOf(accessKeyId)).length, 1);
        // Without the fault the same client works, though its connection may have been cut.
        assert.equal((await client.listCustomImages(SECOND_PAGE)).totalCount, '25');
      });
    }

    it('magic access key fails once and then lists', async () => {
      const client = new Client(clients.endpoint(), `${fresh(Client.label)}+Throttling.User:1`);

      const error = await clients.rejection(() => client.listCustomImages(SECOND_PAGE));
      const answer = await client.listCustomImages(SECOND_PAGE);

      checkError(error, EXPECTED.get(Client).throttling_user);
      assert.deepEqual(imageIds(answer), LISTING.slice(10, 20));
    });

    it('bad magic access key is refused', async () => {
      const client = new Client(clients.endpoint(), 'ci7+Throttling.User:0');

      const refusal = await client.refusalOf(() => client.listCustomImages(SECOND_PAGE));

      assert.equal(refusal.status, 400);
      assert.equal(refusal.code, 'InvalidAccessKeyId');
    });
  });
}

for (const Client of [clients.Tea, clients.TeaV1]) {
  describe(Client.label, () => {
    const retrying = (accessKeyId, condition) => {
      const retryOptions = new RetryOptions({
        retryable: true,
        retryCondition: [
          { maxAttempts: 3, backoff: { policy: 'Fixed', period: 20 }, exception: [], errorCode: [], ...condition },
        ],
      });
      return new Client(clients.endpoint(), accessKeyId, { retryOptions });
    };

    for (const [code, condition] of [
      ['Throttling.User', { errorCode: ['Throttling.User'] }],
      ['Throttling.User', { exception: ['ThrottlingError'] }],
      ['InternalError', { exception: ['ServerError'] }],
    ]) {
      it(`retry options for ${JSON.stringify(condition)} end in success at the third attempt`, async () => {
        const accessKeyId = `${fresh(Client.label)}+${code}:2`;

        const answer = await retrying(accessKeyId, condition).listCustomImages(SECOND_PAGE);

        assert.deepEqual(imageIds(answer), LISTING.slice(10, 20));
        const groups = await retriesOf(accessKeyId);
        assert.equal(groups.length, 1);
        const [{ attempts, wonBy }] = groups;
        assert.deepEqual(
          attempts.map((attempt) => attempt.code),
          [code, code, null],
        );
        assert.equal(wonBy, 3);
        assert.equal(attempts[2].requestId, answer.requestId);
      });
    }

    it('retry options give up after their attempts', async () => {
      const accessKeyId = `${fresh(Client.label)}+Throttling.User:3`;
      const client = retrying(accessKeyId, { errorCode: ['Throttling.User'] });

      const error = await clients.rejection(() => client.listCustomImages(SECOND_PAGE));

      checkError(error, TEA.throttling_user);
      const groups = await retriesOf(accessKeyId);
      assert.equal(groups.length, 1);
      assert.equal(groups[0].attempts.length, 3);
      assert.equal(groups[0].wonBy, null);
    });
  });
}
