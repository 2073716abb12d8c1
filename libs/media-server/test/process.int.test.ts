/** The server as a process of its own, as `npm start` runs it. Uses dist/, which the test builds. */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { eventually } from '@switchboard/testkit';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { newCall } from './call.ts';
import { RpcClient } from './rpc-client.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const running: (() => Promise<unknown>)[] = [];

beforeAll(() => {
  const built = spawnSync(process.execPath, ['node_modules/ts7/bin/tsc', '-b', 'libs/media-server'], { cwd: ROOT });
  expect(String(built.stdout)).toBe('');
}, 120_000);
afterEach(async () => {
  await Promise.all(running.splice(0).map((stop) => stop()));
});

function run(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [`${ROOT}scripts/media-server.mjs`, ...args], {
    env: { ...process.env, ...env },
  });
  const output = { out: '', err: '' };
  child.stdout.on('data', (data) => (output.out += String(data)));
  child.stderr.on('data', (data) => (output.err += String(data)));
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  running.push(() => {
    child.kill('SIGTERM');
    return exit;
  });
  return { child, output, exit };
}

test('it says once that it is ready, carries a call, and leaves within 3 s of SIGTERM without a word about addresses', async () => {
  const { child, output, exit } = run(['--port', '0']);
  await eventually('ready line', () => output.out.includes('\n'), 10_000);
  const ready = JSON.parse(output.out) as { msg: string; url: string; port: number };
  expect(ready).toMatchObject({ level: 'info', msg: 'ready', url: `ws://127.0.0.1:${ready.port}/kurento` });
  const client = await RpcClient.open(ready.url);
  const { left, right } = await newCall(client);
  await client.invoke(left.endpoint, 'connect', { sink: right.endpoint });
  await expect(client.invoke(left.endpoint, 'processOffer', { offer: 'v=0 secret' })).rejects.toThrow();
  const asked = performance.now();
  child.kill('SIGTERM');
  expect(await exit).toBe(0);
  expect(performance.now() - asked).toBeLessThan(3000);
  expect(output.err).toBe('');
  expect(output.out).not.toMatch(/candidate|a=ice|192\.0\.2/);
  const said = output.out
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(said).toEqual(['ready', 'stopping', 'stopped']);
  left.peer.close();
  right.peer.close();
});

test('it refuses a bad configuration and tells all its faults', async () => {
  const { output, exit } = run(['--port', 'seventy', '--port-range', '9-3'], { MEDIA_SERVER_BIND_ADDRESS: 'nowhere' });
  expect(await exit).toBe(2);
  for (const name of ['PORT', 'PORT_RANGE', 'BIND_ADDRESS']) expect(output.err).toMatch(new RegExp(`\\b${name}\\b`));
});

test('media ports stay in the range given', async () => {
  const { output } = run(['--port', '0', '--port-range', '40100-40139']);
  await eventually('ready line', () => output.out.includes('\n'), 10_000);
  const client = await RpcClient.open((JSON.parse(output.out) as { url: string }).url);
  const { left, right } = await newCall(client);
  const ports = client.events.flatMap(({ data }) => {
    const candidate = data['candidate'] as { candidate: string } | undefined;
    return candidate ? [Number(candidate.candidate.split(' ')[5])] : [];
  });
  expect(ports.length).toBeGreaterThan(0);
  expect(ports.filter((port) => port < 40_100 || port > 40_139)).toEqual([]);
  left.peer.close();
  right.peer.close();
  await client.close();
});
