/**
 * The private Redis of `npm start`: on 127.0.0.1, with an append-only file in the data folder.
 * A file there tells which process serves that data, so that a Redis left by an unclean end is found and stopped:
 * two of them on one append-only file would destroy it.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { environmentFor } from './env.mjs';
import { answersAt, freePort } from './ports.mjs';
import { isAlive } from './processes.mjs';
import { run } from './run.mjs';
import { UserError } from './say.mjs';

/** @typedef {import('./context.mjs').Context} Context */
/** @typedef {import('./supervisor.mjs').ChildSpec} ChildSpec */

const stopDeadlineMs = 15_000;
/** Loading a big append-only file takes its time. */
const readyDeadlineMs = 60_000;

/**
 * @param {Context} context
 * @param {{ way: import('./redis-ways.mjs').RedisWay, dataDir: string }} options
 * @returns {Promise<{ url: string, child?: ChildSpec }>} its address, and the child that serves it unless it is yours
 */
export async function planRedis(context, { way, dataDir }) {
  if (way.kind === 'url') {
    await checkUrl(way.url);
    return { url: way.url };
  }
  const dir = join(dataDir, 'redis');
  mkdirSync(dir, { recursive: true });
  await stopLeftover(context, dir);
  const port = await freePort();
  const child =
    way.kind === 'program'
      ? programChild(context, way.path, dir, port)
      : await dockerChild(context, way.path, dir, port);
  return { url: `redis://127.0.0.1:${port}`, child };
}

/** Whether something answers at one of its hosts at least; the services check the rest of it. @param {string} text */
async function checkUrl(text) {
  const [, topology, hosts] = /^rediss?(\+sentinel|-cluster)?:\/\/(?:.*@)?([^/?#@]+)/.exec(text) ?? [];
  if (hosts === undefined) throw new UserError('REDIS_URL is not an address like redis://localhost:6379.');
  const answers = hosts.split(',').map((host) => {
    const [, name = '', port = topology === '+sentinel' ? 26_379 : 6379] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
    return answersAt(name.replace(/^\[|\]$/g, ''), Number(port), 5_000);
  });
  if (!(await Promise.all(answers)).includes(true)) {
    throw new UserError(`Nothing answers at ${hosts}, which REDIS_URL names. Start that Redis or unset REDIS_URL.`);
  }
}

/** @param {number} port @param {string} bind @param {string} dir */
function settings(port, bind, dir) {
  const save = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''];
  return ['--bind', bind, '--port', String(port), '--dir', dir, ...save, '--daemonize', 'no', '--logfile', ''];
}

/** @param {Context} context @param {string} path @param {string} dir @param {number} port @returns {ChildSpec} */
function programChild(context, path, dir, port) {
  return {
    name: 'redis',
    command: path,
    args: () => settings(port, '127.0.0.1', dir),
    env: () => environmentFor(context.env),
    readyDeadlineMs,
    stopGraceMs: stopDeadlineMs,
    isReady: () => answersPing(port),
    onStart: (pid) => writeFileSync(runningFile(dir), JSON.stringify({ pid, port })),
    onStopped: () => rmSync(runningFile(dir), { force: true }),
  };
}

/** @param {Context} context @param {string} docker @param {string} dir @param {number} port @returns {Promise<ChildSpec>} */
async function dockerChild(context, docker, dir, port) {
  const name = `switchboard-redis-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`;
  const user = process.getuid === undefined ? [] : ['--user', `${process.getuid()}:${process.getgid?.() ?? 0}`];
  const remove = () => run(context, docker, ['rm', '--force', name], { deadlineMs: 30_000 });
  await remove();
  const options = ['--rm', '--name', name, '-p', `127.0.0.1:${port}:6379`, '-v', `${dir}:/data`, ...user];
  return {
    name: 'redis',
    command: docker,
    args: () => ['run', ...options, 'redis:7', 'redis-server', ...settings(6379, '0.0.0.0', '/data')],
    env: () => environmentFor(context.env, ['DOCKER_*', 'XDG_RUNTIME_DIR', 'SSH_AUTH_SOCK']),
    // The first start downloads the image.
    readyDeadlineMs: 5 * 60_000,
    stopGraceMs: stopDeadlineMs,
    isReady: () => answersPing(port),
  };
}

/** @param {string} dir */
function runningFile(dir) {
  return join(dir, 'running.json');
}

/** @param {Context} context @param {string} dir */
async function stopLeftover(context, dir) {
  const { pid, port } = readRunning(dir);
  if (pid === 0 || !isAlive(pid) || !(isNamedRedis(pid, port) || (await serves(dir, port))))
    return rmSync(runningFile(dir), { force: true });
  context.say.note(`Stopping the Redis that an earlier run left behind (process ${pid}).`);
  process.kill(pid, 'SIGTERM');
  const until = performance.now() + stopDeadlineMs;
  while (isAlive(pid)) {
    context.signal.throwIfAborted();
    if (performance.now() > until) throw new UserError(`The Redis of an earlier run (process ${pid}) does not stop.`);
    await delay(50);
  }
  rmSync(runningFile(dir), { force: true });
}

/** @param {string} dir @returns {{ pid: number, port: number }} zeros where there is none */
function readRunning(dir) {
  try {
    const { pid, port } = JSON.parse(readFileSync(runningFile(dir), 'utf8'));
    return { pid: Number(pid) || 0, port: Number(port) || 0 };
  } catch {
    return { pid: 0, port: 0 };
  }
}

/** Whether a Redis at `port` serves this very folder: a pid alone may belong to somebody else by now. @param {string} dir @param {number} port */
async function serves(dir, port) {
  const answer = await ask(port, 'CONFIG GET dir');
  return answer.split('\r\n').includes(realpathSync(dir));
}

/** One that hangs answers nothing, but the system knows its title. @param {number} pid @param {number} port */
function isNamedRedis(pid, port) {
  try {
    const title = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return /redis|valkey/.test(title) && title.includes(`:${port}`);
  } catch {
    return false;
  }
}

/** @param {number} port */
async function answersPing(port) {
  return (await ask(port, 'PING')).startsWith('+PONG');
}

/** @param {number} port @param {string} command @returns {Promise<string>} the reply as it came; '' without one in a second */
function ask(port, command) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    let reply = '';
    const done = () => (socket.destroy(), resolve(reply));
    socket.setTimeout(1_000, done);
    socket.setEncoding('utf8').on('data', (chunk) => (reply += chunk));
    socket.once('connect', () => socket.end(`${command}\r\nQUIT\r\n`));
    socket.once('error', done).once('close', done);
  });
}
