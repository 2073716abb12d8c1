/** Starts a real Redis (or Valkey) for tests: on a free port, with an append-only file in a directory of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.ts';

export interface RedisOptions {
  /** Where its files go; undefined: a new temporary directory, removed by `stop`. */
  readonly dir?: string;
  /** Undefined: a free one. */
  readonly port?: number;
  /** Further arguments, as on the command line. */
  readonly args?: readonly string[];
}

export interface RunningRedis {
  readonly url: string;
  readonly port: number;
  /** Orderly end; removes its directory if it was temporary. */
  stop(): Promise<void>;
  /** SIGKILL; the files stay, `restart` brings it back. */
  kill(): Promise<void>;
  /** Ends it if it runs (orderly) and starts it again on the same port and files. */
  restart(): Promise<void>;
}

/** The first that is on the PATH. */
const PROGRAMS = ['redis-server', 'valkey-server'];

/** Resolves when the server answers a PING. Rejects if it does not within 10 s. */
export async function startRedis(options: RedisOptions = {}): Promise<RunningRedis> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'switchboard-redis-')));
  const port = options.port ?? (await freePort());
  const launch = () => launchServer(dir, port, options.args ?? []);
  let child = await launch();
  const end = async (signal: NodeJS.Signals) => {
    await ended(child, signal);
  };
  return {
    url: `redis://127.0.0.1:${String(port)}`,
    port,
    stop: async () => {
      await end('SIGTERM');
      if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
    },
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGTERM');
      child = await launch();
    },
  };
}

async function launchServer(dir: string, port: number, args: readonly string[]): Promise<ChildProcess> {
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'yes'];
  const child = await spawnServer([...settings, ...args]);
  const failure = new Promise<never>((_resolve, reject) => {
    child.once('exit', (code) => {
      reject(new Error(`Redis ended at once with code ${String(code)}`));
    });
  });
  await Promise.race([answering(port, 10_000), failure]);
  failure.catch(() => undefined);
  return child;
}

async function spawnServer(args: readonly string[]): Promise<ChildProcess> {
  for (const program of PROGRAMS) {
    const child = spawn(program, args, { stdio: 'ignore' });
    if (await isThere(child)) return child;
  }
  throw new Error(`no Redis on the PATH: install ${PROGRAMS.join(' or ')}, or run \`npm test\` once`);
}

/** Rejects if it is there and can't be started. */
function isThere(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => {
      resolve(true);
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve(false);
      else reject(error);
    });
  });
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => {
      resolve();
    });
    child.kill(signal);
  });
}

async function answering(port: number, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    if (await pongs(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Redis on port ${String(port)} did not answer within ${String(withinMs)} ms`);
}

function pongs(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (data) => {
      done(data.toString().startsWith('+PONG'));
    });
    socket.once('error', () => {
      done(false);
    });
    socket.once('close', () => {
      done(false);
    });
  });
}
