import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@switchboard/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { freePorts, Starter, type StarterOptions } from './starter.ts';

interface FakeChild {
  name: string;
  words?: string[];
}

const cluster: FakeChild[][] = [[{ name: 'server-1' }, { name: 'server-2' }], [{ name: 'gateway-1' }]];

let dir: string;
let port: number;
const starters: Starter[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'switchboard-start-'));
  port = await freePorts(2);
});
afterEach(async () => {
  await Promise.all(starters.splice(0).map((starter) => starter.destroy()));
  rmSync(dir, { recursive: true, force: true });
});

function start(stages: FakeChild[][], { args = [], env = {}, ...rest }: Partial<StarterOptions> = {}): Starter {
  const starter = new Starter({
    ...rest,
    dataDir: dir,
    args: ['--port', String(port), ...args],
    env: { FAKE_STAGES: JSON.stringify(stages), ...env },
  });
  starters.push(starter);
  return starter;
}

async function running(stages = cluster): Promise<Starter> {
  const starter = start(stages);
  await starter.says('Switchboard is running');
  return starter;
}

/** What the children said when they became ready, oldest first. */
function lives(name: string): { pid: number; port: number }[] {
  const lines = readFileSync(join(dir, 'logs', `${name}.log`), 'utf8').split('\n');
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as { pid: number; port: number });
}

function redis(): { pid: number; port: number } {
  return JSON.parse(readFileSync(join(dir, 'redis/running.json'), 'utf8')) as { pid: number; port: number };
}

function askRedis(command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(redis().port, '127.0.0.1', () => socket.end(`${command}\r\nQUIT\r\n`));
    let reply = '';
    socket.setEncoding('utf8').on('data', (text: string) => (reply += text));
    socket.once('error', reject).once('close', () => resolve(reply));
  });
}

async function expectNothingLeft(starter: Starter): Promise<void> {
  await eventually('nothing is left', () => starter.processes().length === 0, 2_000);
}

describe('npm start refuses', () => {
  const script = 'scripts/start.mjs';

  it('--host without AUTH=jwt', async () => {
    const starter = start([], { script, args: ['--host', '0.0.0.0'] });
    expect(await starter.exited).toBe(1);
    expect(starter.output).toContain('set AUTH=jwt');
  });

  it('an option it does not know', async () => {
    const starter = start([], { script, args: ['--prot', '1'] });
    expect(await starter.exited).toBe(1);
    expect(starter.output).toContain("Unknown option '--prot'");
  });

  it.each(['127.0.0.1', '::1'])('a port that is in use on %s, and names it', async (host) => {
    const squatter = createServer().listen(port + 1, host);
    const starter = start([], { script });
    expect(await starter.exited).toBe(1);
    expect(starter.output).toContain(`Port ${port + 1} is in use`);
    await new Promise((resolve) => squatter.close(resolve));
  });

  it('a machine without Redis, and names every way to get one', async () => {
    const starter = start([], { script, env: { PATH: dir } });
    expect(await starter.exited).toBe(1);
    for (const way of ['REDIS_URL', 'redis-server', 'valkey-server', 'apt-get', 'Docker']) {
      expect(starter.output).toContain(way);
    }
    await expectNothingLeft(starter);
  });

  it('a REDIS_URL where nothing answers', async () => {
    const starter = start([], { env: { REDIS_URL: `redis://:hush@127.0.0.1:${port}` } });
    expect(await starter.exited).toBe(1);
    expect(starter.output).toContain(`Nothing answers at 127.0.0.1:${port}`);
    expect(starter.output).not.toContain('hush');
  });

  it('a data folder that another npm start is using, and leaves that one alone', async () => {
    const first = await running();
    port = await freePorts(2);
    const second = start(cluster);
    expect(await second.exited).toBe(1);
    expect(second.output).toContain(`already running with the data folder ${dir} (process ${first.process.pid})`);
    expect(await askRedis('PING')).toContain('PONG');
  });
});

describe('before the cluster is ready', () => {
  it('a child that dies is an error with its last lines, and all are stopped', async () => {
    const starter = start([[{ name: 'server-1' }], [{ name: 'gateway-1', words: ['die-early'] }]]);
    expect(await starter.exited).toBe(1);
    expect(starter.output).toContain('gateway-1 ended before the cluster was ready (exit code 3)');
    expect(starter.output).toContain('the reason in plain words');
    await expectNothingLeft(starter);
  });

  it('a child of an earlier stage that dies is an error at once', async () => {
    const stages = [[{ name: 'server-1', words: ['die-soon'] }], [{ name: 'gateway-1', words: ['never-ready'] }]];
    const starter = start(stages);
    expect(await starter.exited).toBe(1);
    expect(starter.output).toContain('server-1 ended before the cluster was ready (exit code 4)');
    await expectNothingLeft(starter);
  });

  it('a child that is never ready is an error after its deadline', async () => {
    const starter = start([[{ name: 'server-1' }, { name: 'server-2', words: ['never-ready', 'deaf'] }]]);
    expect(await starter.exited).toBe(1);
    expect(starter.output).toContain('server-2 was not ready within 1 s');
    await expectNothingLeft(starter);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s stops a tool that is at work, and nothing stays', async (signal, code) => {
    const starter = start(cluster, { env: { FAKE_PREPARE_MS: '60000' } });
    await starter.says('Preparing');
    await eventually('the tool runs', () => starter.processes().length === 2); // itself and the tool
    starter.kill(signal);
    expect(await starter.exited).toBe(code);
    await expectNothingLeft(starter);
  });

  it('SIGINT while the children start stops them all', async () => {
    const starter = start([[{ name: 'server-1' }], [{ name: 'slow', words: ['never-ready'] }]]);
    await starter.says('Starting slow');
    starter.kill('SIGINT');
    expect(await starter.exited).toBe(130);
    await expectNothingLeft(starter);
  });
});

describe('a running cluster', () => {
  it('is stopped in the opposite order by SIGINT, and nothing stays', async () => {
    const starter = await running();
    expect(starter.processes()).toHaveLength(5); // itself, Redis and three children
    expect(starter.output).toContain(`https://localhost:${port}`);
    expect(starter.output).toContain(`https://localhost:${port + 1}`);
    starter.kill('SIGINT');
    expect(await starter.exited).toBe(0);
    const order = ['Stopping gateway-1', 'Stopping server-1 and server-2', 'Stopping redis', 'Everything is stopped'];
    expect(order.map((text) => starter.output.indexOf(text)).every((at, n, all) => at > (all[n - 1] ?? 0))).toBe(true);
    await expectNothingLeft(starter);
  });

  it('takes two signals in one moment for one key press, as npm passes a Ctrl-C on once more', async () => {
    const starter = await running();
    starter.kill('SIGINT');
    setTimeout(() => starter.kill('SIGINT'), 50);
    expect(await starter.exited).toBe(0);
    expect(starter.output).toContain('Everything is stopped');
  });

  it('is killed at once by a second Ctrl-C, whatever hangs', async () => {
    const starter = await running([[{ name: 'deaf-1', words: ['deaf'] }]]);
    starter.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 700));
    starter.kill('SIGINT');
    expect(await starter.exited).toBe(1);
    await expectNothingLeft(starter);
  });

  it('gets a child back that died, on its old port, and says so', async () => {
    const starter = await running();
    process.kill(lives('server-1')[0]!.pid, 'SIGKILL');
    await starter.says('server-1 died (signal SIGKILL); starting it again in');
    await starter.says('server-1 is running again');
    const [before, after] = lives('server-1');
    expect(after!.pid).not.toBe(before!.pid);
    expect(after!.port).toBe(before!.port);
    expect(lives('server-2')).toHaveLength(1);
  });

  it('gets Redis back with its port and its data', async () => {
    const starter = await running();
    expect(await askRedis('SET kept yes')).toContain('OK');
    const before = redis();
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    process.kill(before.pid, 'SIGKILL');
    await starter.says('redis is running again');
    expect(redis().port).toBe(before.port);
    expect(redis().pid).not.toBe(before.pid);
    expect(await askRedis('GET kept')).toContain('yes');
  });

  it('gives up after five deaths of one child in a minute, with all stopped', async () => {
    const starter = start([[{ name: 'server-1' }], [{ name: 'gateway-1' }]]);
    await starter.says('Switchboard is running');
    for (let n = 0; n < 5; n += 1) {
      await eventually(`life ${n + 1}`, () => lives('gateway-1').length === n + 1, 20_000);
      process.kill(lives('gateway-1')[n]!.pid, 'SIGKILL');
    }
    expect(await starter.exited).toBe(1);
    expect(starter.output).toContain('Giving up: gateway-1 died five times within a minute');
    await expectNothingLeft(starter);
  });
});

describe('the data of npm start', () => {
  it('survives an orderly restart', async () => {
    const first = await running();
    await askRedis('SET kept yes');
    first.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    await running();
    expect(await askRedis('GET kept')).toContain('yes');
  });

  it('survives an unclean end, whose Redis is found and stopped', async () => {
    const first = await running();
    await askRedis('SET kept yes');
    const { pid } = redis();
    first.kill('SIGKILL');
    await first.exited;
    // The others notice that their supervisor is gone.
    await eventually('Redis alone is left', () => first.processes().join() === String(pid));
    const second = await running();
    expect(second.output).toContain(`Stopping the Redis that an earlier run left behind (process ${pid})`);
    expect(redis().pid).not.toBe(pid);
    expect(await askRedis('GET kept')).toContain('yes');
  });

  it('does not stop a stranger that has the pid of a former Redis', async () => {
    const first = await running();
    first.kill('SIGTERM');
    await first.exited;
    writeFileSync(join(dir, 'redis/running.json'), JSON.stringify({ pid: process.pid, port: 1 }));
    const second = await running();
    expect(second.output).not.toContain('left behind');
  });
});
