/** Starts a real Redis (or Valkey) for tests: on a free port, with an append-only file in a directory of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.ts';

/** Any Redis that a cluster of Switchboard can run on, whatever its topology. */
export interface RedisSite {
  /** `REDIS_URL`. */
  readonly url: string;
  /** What else a process must be told to reach it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Orderly end of all its processes; removes their directories if they are temporary. */
  stop(): Promise<void>;
}

export interface RedisOptions {
  /** Where its files go; undefined: a new temporary directory, removed by `stop`. */
  readonly dir?: string;
  /** Undefined: a free one. */
  readonly port?: number;
  /** Further arguments, as on the command line. */
  readonly args?: readonly string[];
  /** What its clients must say. */
  readonly password?: string;
}

export interface RunningRedis extends RedisSite {
  readonly port: number;
  /** SIGKILL; the files stay, `restart` brings it back. */
  kill(): Promise<void>;
  /** Ends it if it runs (orderly) and starts it again on the same port and files. */
  restart(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

/** The first that is on the PATH. */
const PROGRAMS = ['redis-server', 'valkey-server'];

/** Resolves when the server answers a PING. Rejects if it does not within 10 s. */
export async function startRedis(options: RedisOptions = {}): Promise<RunningRedis> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'switchboard-redis-')));
  const port = options.port ?? (await freePort());
  const { password } = options;
  const secret = password === undefined ? [] : ['--requirepass', password, '--masterauth', password];
  const files = ['--dir', dir, '--save', '', '--appendonly', 'yes'];
  const args = ['--port', String(port), '--bind', '127.0.0.1', ...files, ...secret, ...(options.args ?? [])];
  const login = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  const file = join(dir, 'redis.conf');
  await writeFile(file, settingsOf(args));
  const server = await runServer(port, [file]);
  return {
    ...server,
    url: `redis://${login}127.0.0.1:${String(port)}`,
    stop: async () => {
      await server.stop();
      if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Arguments as a file, which a sentinel may have the server rewrite: a replica is one again after a restart. */
function settingsOf(args: readonly string[]): string {
  return args.map((word) => (word.startsWith('--') ? `\n${word.slice(2)}` : ` ${JSON.stringify(word)}`)).join('');
}

/** A server or a sentinel that runs with these arguments; it answers on `port`. */
export async function runServer(port: number, args: readonly string[]): Promise<Omit<RunningRedis, 'url'>> {
  let child = await launchServer(port, args);
  return {
    port,
    stop: () => ended(child, 'SIGTERM'),
    kill: () => ended(child, 'SIGKILL'),
    restart: async () => {
      await ended(child, 'SIGTERM');
      child = await launchServer(port, args);
    },
    signal: (signal) => {
      child.kill(signal);
    },
  };
}

async function launchServer(port: number, args: readonly string[]): Promise<ChildProcess> {
  const child = await spawnServer(args);
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

/** A frozen one is woken, so that it hears the signal. */
function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => {
      resolve();
    });
    child.kill(signal);
    child.kill('SIGCONT');
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

/** Also if it asks for a password first. */
function pongs(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (data) => {
      done(/^(\+PONG|-NOAUTH)/.test(data.toString()));
    });
    socket.once('error', () => {
      done(false);
    });
    socket.once('close', () => {
      done(false);
    });
  });
}
