/**
 * Where Redis comes from. The order is a pure choice, so that it can be tested on a machine that has everything:
 * an address that was given, a program on the PATH, apt-get, Docker, else an error that names these ways.
 */
import { aptInstall, canUseApt } from './apt.mjs';
import { findProgram, run } from './run.mjs';
import { UserError } from './say.mjs';

/** @typedef {import('./context.mjs').Context} Context */

/**
 * @typedef {{ kind: 'url', url: string } | { kind: 'program', path: string } | { kind: 'docker', path: string }} RedisWay
 * @typedef {object} RedisFacts
 * @property {string | undefined} url
 * @property {string | undefined} program
 * @property {boolean} apt root on Debian or Ubuntu
 * @property {string | undefined} docker a Docker client with an engine behind it
 */

const programs = ['redis-server', 'valkey-server'];

/** @param {RedisFacts} facts @returns {RedisWay | { kind: 'apt' } | { kind: 'none' }} */
export function chooseRedis({ url, program, apt, docker }) {
  if (url !== undefined) return { kind: 'url', url };
  if (program !== undefined) return { kind: 'program', path: program };
  if (apt) return { kind: 'apt' };
  return docker === undefined ? { kind: 'none' } : { kind: 'docker', path: docker };
}

/**
 * Finds or installs Redis.
 * @param {Context} context
 * @param {{ useUrl: boolean, useDocker: boolean }} options
 * @returns {Promise<RedisWay>}
 */
export async function findRedis(context, { useUrl, useDocker }) {
  const { env } = context;
  const facts = { url: (useUrl && env['REDIS_URL']) || undefined, program: findProgram(programs, env['PATH']) };
  let way = chooseRedis({ ...facts, apt: canUseApt(context, ['debian', 'ubuntu']), docker: undefined });
  /** @type {string | undefined} */
  let aptFault;
  if (way.kind === 'apt') {
    context.say.step('Installing Redis with apt-get (package redis-server)');
    aptFault = await aptInstall(context, 'redis-server', { service: 'redis-server' });
    way = chooseRedis({ url: undefined, program: findProgram(programs, env['PATH']), apt: false, docker: undefined });
  }
  if (way.kind === 'none' && useDocker) {
    way = chooseRedis({ url: undefined, program: undefined, apt: false, docker: await findDocker(context) });
  }
  if (way.kind === 'none' || way.kind === 'apt') throw new UserError(noRedis(useUrl, useDocker, aptFault));
  return way;
}

/** @param {Context} context @returns {Promise<string | undefined>} */
async function findDocker(context) {
  const docker = findProgram(['docker'], context.env['PATH']);
  if (docker === undefined) return undefined;
  const { ok } = await run(context, docker, ['version', '--format', '{{.Server.Version}}'], { deadlineMs: 10_000 });
  return ok ? docker : undefined;
}

/** @param {boolean} useUrl @param {boolean} useDocker @param {string | undefined} aptFault */
function noRedis(useUrl, useDocker, aptFault) {
  const ways = [
    ...(useUrl ? ['set REDIS_URL to a running Redis'] : []),
    'install redis-server or valkey-server so that it is on the PATH',
    'run this as root on Debian or Ubuntu (apt-get then installs it)',
    ...(useDocker ? ['start Docker'] : []),
  ];
  return [`No Redis was found. One of these helps: ${ways.join('; ')}.`, ...(aptFault ? [aptFault] : [])].join('\n');
}
