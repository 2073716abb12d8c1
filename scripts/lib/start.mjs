/** `npm start`, step by step. */
import { existsSync, mkdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';

import { tryLock } from './lock.mjs';
import { readOptions, startHelp } from './options.mjs';
import { gatewayUrls, makePlan } from './plan.mjs';
import { isLoopback, portFault } from './ports.mjs';
import { planRedis } from './redis.mjs';
import { findRedis } from './redis-ways.mjs';
import { prepare } from './prepare.mjs';
import { explain, Interrupted, UserError } from './say.mjs';
import { Supervisor } from './supervisor.mjs';
import { ensureCertificate } from './tls.mjs';

/** @typedef {import('./context.mjs').Context} Context */
/** @typedef {import('./options.mjs').StartOptions} StartOptions */

/**
 * @typedef {object} StartParts what a test replaces
 * @property {(context: Context) => Promise<void>} prepare packages and build
 * @property {typeof makePlan} makePlan
 */

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/**
 * @param {Context} context
 * @param {readonly string[]} argv
 * @param {Partial<StartParts>} [parts]
 * @returns {Promise<number>} the exit code: 0 after an orderly stop of a running cluster
 */
export async function start(context, argv, parts = {}) {
  const { say } = context;
  try {
    const options = readOptions(argv, context);
    if (options.help) return (say.note(startHelp), 0);
    return await runCluster(context, options, { prepare, makePlan, ...parts });
  } catch (error) {
    say.problem(explain(error));
    if (!(error instanceof Interrupted)) return 1;
    return 128 + (signalNumbers[/** @type {keyof typeof signalNumbers} */ (error.signal)] ?? 0);
  }
}

/** @param {Context} context @param {StartOptions} options @param {StartParts} parts */
async function runCluster(context, options, parts) {
  await checkPorts(options);
  const release = lockDataDir(options.dataDir);
  try {
    const supervisor = await bringUp(context, options, parts);
    sayWelcome(context, options);
    return await untilStopped(context, supervisor);
  } finally {
    release();
  }
}

/** @param {Context} context @param {StartOptions} options @param {StartParts} parts */
async function bringUp(context, options, parts) {
  const { root, env, say } = context;
  const way = await findRedis(context, { useUrl: true, useDocker: true });
  await parts.prepare(context);
  const tls = await ensureCertificate(context, { dataDir: options.dataDir, names: namesOf(options) });
  if (way.kind === 'url') say.step('Using the Redis that REDIS_URL names');
  const redis = await planRedis(context, { way, dataDir: options.dataDir });
  const plan = parts.makePlan({ root, options, env, redis, tls });
  const supervisor = new Supervisor(context, plan, join(options.dataDir, 'logs'));
  await supervisor.start();
  return supervisor;
}

/** @param {Context} context @param {Supervisor} supervisor @returns {Promise<number>} */
async function untilStopped({ signal, say }, supervisor) {
  /** @type {Promise<undefined>} */
  const asked = new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const givenUp = await Promise.race([asked, supervisor.givenUp]);
  if (givenUp !== undefined) say.problem(`Giving up: ${givenUp}`);
  await supervisor.stop();
  say.step('Everything is stopped');
  return givenUp === undefined ? 0 : 1;
}

/** @param {StartOptions} options */
async function checkPorts({ host, port, gateways }) {
  for (let n = port; n < port + gateways; n += 1) {
    const fault = await portFault(host, n);
    if (fault === 'EADDRINUSE') {
      throw new UserError(`Port ${n} is in use by another program. Stop that, or choose others: npm start -- --port N`);
    }
    if (fault !== undefined) throw new UserError(`Port ${n} on ${host} can't be listened on (${fault}).`);
  }
}

/** Two clusters on one folder would ruin its data. @param {string} dataDir @returns {() => void} */
function lockDataDir(dataDir) {
  if (!existsSync(dataDir)) mkdirSync(dataDir, { recursive: true });
  const lock = tryLock(join(dataDir, 'start.lock'));
  if ('release' in lock) return lock.release;
  throw new UserError(`npm start is already running with the data folder ${dataDir} (process ${lock.owner}).`);
}

/** Names the certificate is for. @param {StartOptions} options @returns {string[]} */
function namesOf(options) {
  const { host, publicHost } = options;
  const named = options.addresses.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ''));
  const names = [...new Set(['localhost', '127.0.0.1', '::1', ...named])];
  if (isLoopback(host)) return names;
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
  return [...new Set([...names, publicHost, ...addresses.filter((address) => !address.startsWith('fe80'))])];
}

/** @param {Context} context @param {StartOptions} options */
function sayWelcome({ say }, options) {
  const urls = gatewayUrls(options);
  say.step('Switchboard is running');
  urls.forEach((url, index) => say.note(`${url}  (gateway ${index + 1})`));
  say.note('');
  say.note(
    `Try it: open ${urls.length > 1 ? 'both addresses' : 'the address in two tabs'} in a browser, accept the certificate,`,
  );
  say.note('log in with a different name in each tab, and call one from the other.');
  say.note(`Logs: ${join(options.dataDir, 'logs')}. Stop with Ctrl-C.`);
}
