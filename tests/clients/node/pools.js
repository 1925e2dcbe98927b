'use strict';

// Pools whose connections are idle between two requests: none of the second requests may fail.
//
// `tests/clients/run pools` starts this with `SWAS_EMULATOR_POOL_IDLE_MS`: one round of each client
// for each idle time, all of them at once. A round has a client, a pool and a host name of its own.

const http = require('node:http');
const { setTimeout: sleep } = require('node:timers/promises');

const { PopPost, Tea } = require('./clients.js');

const FORM = 'Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou';

/** Node's own client with an agent that keeps connections. */
function ofAgent(endpoint) {
  const [hostname, port] = endpoint.split(':');
  const agent = new http.Agent({ keepAlive: true });
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  return () =>
    new Promise((resolve, reject) => {
      const request = http.request({ agent, hostname, port, method: 'POST', headers }, (response) => {
        response.resume();
        const status = response.statusCode;
        response.on('end', () => (status === 200 ? resolve() : reject(new Error(`status ${status}`))));
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(FORM);
    });
}

function ofSdk(Sdk) {
  return (endpoint) => {
    const client = new Sdk(endpoint);
    return () => client.listCustomImages({ RegionId: 'cn-hangzhou' });
  };
}

const CLIENTS = { agent: ofAgent, 'tea-v3': ofSdk(Tea), 'pop-post': ofSdk(PopPost) };

async function play(call, startMs, idleMs, failures) {
  await sleep(startMs);
  try {
    await call();
    await sleep(idleMs);
    await call();
  } catch (error) {
    failures.push(`idle for ${idleMs} ms: ${error}`.slice(0, 300));
  }
}

async function main() {
  const port = process.env.SWAS_EMULATOR_ENDPOINT.split(':').pop();
  const idleTimes = process.env.SWAS_EMULATOR_POOL_IDLE_MS.split(' ').map(Number);
  const results = Object.entries(CLIENTS).map(async ([name, make], number) => {
    const failures = [];
    const rounds = idleTimes.map((idleMs, place) => {
      const call = make(`127.0.${number + 1}.${place + 1}:${port}`);
      // One after the other, so that no round waits for another.
      return play(call, 25 * place, idleMs, failures);
    });
    await Promise.all(rounds);
    return { name, failures };
  });
  for (const { name, failures } of await Promise.all(results)) {
    failures.slice(0, 5).forEach((failure) => console.log(failure));
    const passed = idleTimes.length - failures.length;
    console.log(`pool ${name}: ${passed} passed, ${failures.length} failed`);
    if (failures.length > 0) process.exitCode = 1;
  }
  // Pools that still hold a connection would keep the process.
  process.exit();
}

main();
