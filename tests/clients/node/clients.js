'use strict';

// Makes the vendor's clients, and gives them one face for the tests that all of them must pass.
//
// Parameters come in under the vendor's own names (`RegionId`, `Tag`, …) and are handed to each SDK
// the way its users do it. Nothing in an SDK is replaced or patched.

const assert = require('node:assert/strict');

const { $OpenApiUtil, ClientError } = require('@alicloud/openapi-core');
const { RPCClient } = require('@alicloud/pop-core');
const swas = require('@alicloud/swas-open20200601');

const ACCESS_KEY_ID = 'testid';
const ACCESS_KEY_SECRET = 'testsecret';

const INSTANCE_ID = '2d06ee0520b44de1ae88d4be3c1f0a01';

/** Returns the emulator's `HOST:PORT`, which `tests/clients/run` sets. */
function endpoint() {
  const value = process.env.SWAS_EMULATOR_ENDPOINT;
  assert.ok(value, 'SWAS_EMULATOR_ENDPOINT is not set: start this suite with `tests/clients/run node`');
  return value;
}

/** `@alicloud/swas-open20200601`, which signs with V3 (ACS3-HMAC-SHA256) by default. */
class Tea {
  static label = 'tea-v3';

  constructor(address, accessKeyId = ACCESS_KEY_ID, config = {}) {
    this.sdk = new swas.default(
      new $OpenApiUtil.Config({
        accessKeyId,
        accessKeySecret: ACCESS_KEY_SECRET,
        endpoint: address,
        protocol: 'http',
        ...config,
      }),
    );
  }

  async listCustomImages(parameters) {
    const response = await this.sdk.listCustomImages(teaRequest(parameters));
    assert.equal(response.statusCode, 200);
    const { requestId, totalCount, pageSize, pageNumber, customImages } = response.body;
    return {
      requestId,
      totalCount,
      pageSize,
      pageNumber,
      images: customImages.map((image) => withoutUndefined(image.toMap())),
      headers: response.headers,
    };
  }

  async listRegions({ AcceptLanguage }) {
    const request = new swas.ListRegionsRequest({ acceptLanguage: AcceptLanguage });
    const response = await this.sdk.listRegions(request);
    assert.equal(response.statusCode, 200);
    const { requestId, regions } = response.body;
    return { requestId, regions: regions.map((region) => region.toMap()) };
  }

  /** Calls an action that is not emulated. */
  async listFirewallRules() {
    await this.sdk.listFirewallRules(
      new swas.ListFirewallRulesRequest({ regionId: 'cn-hangzhou', instanceId: INSTANCE_ID }),
    );
  }

  async refusalOf(call) {
    const error = await rejection(call);
    assert.ok(error instanceof ClientError, `expected a ClientError, got ${error}`);
    return {
      status: error.statusCode,
      code: error.code,
      message: error.data.Message,
      requestId: error.requestId,
      shown: error.message,
    };
  }
}

/** The same client with the older signature (HMAC-SHA1), which moves everything into the query. */
class TeaV1 extends Tea {
  static label = 'tea-v1';

  constructor(address, accessKeyId, config = {}) {
    super(address, accessKeyId, { ...config, signatureAlgorithm: 'v2' });
  }
}

function teaRequest(parameters) {
  const properties = {};
  for (const [name, value] of Object.entries(parameters)) {
    properties[name[0].toLowerCase() + name.slice(1)] = value;
  }
  if (parameters.Tag) {
    properties.tag = parameters.Tag.map(
      ({ Key, Value }) => new swas.ListCustomImagesRequestTag({ key: Key, value: Value }),
    );
  }
  return new swas.ListCustomImagesRequest(properties);
}

// `toMap` of this SDK names every field of its model, those that never arrived too.
function withoutUndefined(map) {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined));
}

/** `@alicloud/pop-core`: no models, V1 signature, everything in the query of a GET. */
class Pop {
  static label = 'pop-get';

  constructor(address, accessKeyId = ACCESS_KEY_ID, options = {}) {
    this.options = options;
    // Verbose, the client gives the response's headers and status as well.
    this.sdk = new RPCClient(
      {
        accessKeyId,
        accessKeySecret: ACCESS_KEY_SECRET,
        endpoint: `http://${address}`,
        apiVersion: '2020-06-01',
      },
      true,
    );
  }

  async listCustomImages(parameters) {
    const [body, entry] = await this.sdk.request('ListCustomImages', parameters, { ...this.options });
    assert.equal(entry.response.statusCode, 200);
    return {
      requestId: body.RequestId,
      totalCount: body.TotalCount,
      pageSize: body.PageSize,
      pageNumber: body.PageNumber,
      images: body.CustomImages.map(plain),
      headers: entry.response.headers,
    };
  }

  async listRegions(parameters) {
    const [body, entry] = await this.sdk.request('ListRegions', parameters, { ...this.options });
    assert.equal(entry.response.statusCode, 200);
    return { requestId: body.RequestId, regions: body.Regions.map((region) => ({ ...region })) };
  }

  async listFirewallRules() {
    const parameters = { RegionId: 'cn-hangzhou', InstanceId: INSTANCE_ID };
    await this.sdk.request('ListFirewallRules', parameters, { ...this.options });
  }

  async refusalOf(call) {
    const error = await rejection(call);
    // The client's error has no class of its own: it is told by its name and its fields.
    assert.equal(error.name, `${error.code}Error`);
    return {
      status: error.entry.response.statusCode,
      code: error.code,
      message: error.data.Message,
      requestId: error.data.RequestId,
      shown: error.message,
    };
  }
}

/** The same client with everything in the form body of a POST. */
class PopPost extends Pop {
  static label = 'pop-post';

  constructor(address, accessKeyId) {
    super(address, accessKeyId, { method: 'POST' });
  }
}

// This client parses integers of 16 digits and more into big number objects.
function plain(image) {
  if (image.UserId === undefined) return { ...image };
  assert.equal(typeof image.UserId, 'object');
  return { ...image, UserId: image.UserId.toNumber() };
}

async function rejection(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return assert.fail('expected the client to throw');
}

module.exports = { ALL: [Tea, TeaV1, Pop, PopPost], Pop, PopPost, Tea, TeaV1, endpoint, rejection, teaRequest };
