'use strict';

// Starts an emulator of a test's own, and speaks to its control API.

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const readline = require('node:readline');

/** Runs an emulator with these flags on a port that the system picks. */
async function started(...flags) {
  const child = spawn(
    process.env.SWAS_EMULATOR_BIN,
    ['--listen', '127.0.0.1:0', '--log', 'warn', ...flags],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const listening = (await lines.next()).value;
  assert.equal((await lines.next()).value, 'Ready.');
  return {
    endpoint: listening.replace('Listening on http://', ''),
    async stop() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

/** Makes one control request; gives the answer's body. A refusal is thrown. */
async function control(endpoint, method, path, query, body) {
  const url = `http://${endpoint}/_emulator/${path}?${new URLSearchParams(query)}`;
  const response = await fetch(url, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json();
  assert.ok(response.ok, `${method} ${url}: ${JSON.stringify(answer)}`);
  return answer;
}

module.exports = { control, started };
