/**
 * All clients of one gateway come to another at once. Real processes over TLS, real SDKs:
 *
 *   npm run build && node bench/reconnect-storm.mjs [--clients 5000] [--processes 2] [--how kill|term]
 *
 * Prints how long clients take to be back in their sessions, what the surviving gateway's memory does, and what its other
 * clients notice: a call's set-up and the health check, before and meanwhile.
 */
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { percentile, startCluster } from '@switchboard/testkit';
import { startWitness } from './storm/witness.mjs';

const QUIET_MS = 5000;
const WITHIN_MS = 120_000;

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '5000' },
    processes: { type: 'string', default: '2' },
    how: { type: 'string', default: 'kill' },
  },
});
const [clients, processes] = [Number(values.clients), Number(values.processes)];

const cluster = await startCluster({ workers: 1 });
const crowd = Array.from({ length: processes }, () =>
  fork(fileURLToPath(new URL('storm/crowd-process.mjs', import.meta.url))),
);
try {
  const [lost, survivor] = cluster.gateways;
  if (!lost || !survivor) throw new Error('there are no two gateways');
  const gateways = [cluster.page(0), cluster.page(1)];
  const count = Math.ceil(clients / processes);
  const joinStarted = performance.now();
  await Promise.all(
    crowd.map((child, index) => ask(child, { do: 'join', options: { gateways, count, name: `storm-${index}` } })),
  );
  const joinedMs = performance.now() - joinStarted;
  const witness = await startWitness(cluster.socket(1), Number(survivor.details['healthPort']));
  await pause(QUIET_MS);
  const before = { ...witness.take(), memory: memoryOf(survivor.pid) };

  const sinceMs = performance.timeOrigin + performance.now();
  const memory = watchMemory(survivor.pid);
  lost.signal(values.how === 'term' ? 'SIGTERM' : 'SIGKILL');
  const order = { do: 'measure', gateway: gateways[0], sinceMs, withinMs: WITHIN_MS };
  const answers = await Promise.all(crowd.map((child) => ask(child, order))).finally(memory.end);
  const meanwhile = { ...witness.take(), memory: memory.most };
  await witness.stop();

  const moved = answers.flatMap(({ movedMs }) => movedMs).sort((a, b) => a - b);
  const sum = (/** @type {string} */ what) => answers.reduce((total, answer) => total + answer[what], 0);
  console.log(`${moved.length} clients, ${values.how === 'term' ? 'SIGTERM' : 'kill -9'} of their gateway`);
  console.log(`logged in at first: ${(joinedMs / 1000).toFixed(1)} s`);
  console.log(`back in their session after: ${summary(moved)}`);
  console.log(`sessions lost: ${sum('lostSessions')}; refused: ${answers.flatMap(({ refusals }) => refusals).length}`);
  console.log(`memory of the surviving gateway: ${before.memory} MiB before, ${meanwhile.memory} MiB at most`);
  for (const what of /** @type {const} */ (['call', 'health'])) {
    console.log(`${what}, before: ${summary(before[what])}; meanwhile: ${summary(meanwhile[what])}`);
  }
} finally {
  for (const child of crowd) child.disconnect();
  await cluster.stop();
}

/** @param {import('node:child_process').ChildProcess} child @param {object} order @returns {Promise<any>} */
function ask(child, order) {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the crowd is gone, code ${code}`)));
    child.once('message', (/** @type {any} */ answer) =>
      answer.error === undefined ? resolve(answer) : reject(new Error(answer.error)),
    );
    child.send(order);
  });
}

/** @param {readonly number[]} values ms */
function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => percentile(sorted, share).toFixed(0);
  return `p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, max ${at(1)} ms (${sorted.length})`;
}

/** Resident, MiB. @param {number} pid */
function memoryOf(pid) {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);
}

/** The most that it is from now on. @param {number} pid */
function watchMemory(pid) {
  const watch = { most: 0, end: () => clearInterval(timer) };
  const timer = setInterval(() => (watch.most = Math.max(watch.most, memoryOf(pid))), 100);
  return watch;
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
