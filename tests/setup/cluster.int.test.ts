import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@switchboard/testkit';
import { expect, it } from 'vitest';

import { freePorts, Starter } from './starter.ts';

it('npm start runs the real cluster on both loopback addresses, and Ctrl-C leaves nothing behind', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'switchboard-cluster-'));
  const port = await freePorts(2);
  const starter = new Starter({ script: 'scripts/start.mjs', dataDir, args: ['--port', String(port)] });
  try {
    await starter.says('Switchboard is running', 100_000);
    for (const host of ['127.0.0.1', '::1']) {
      for (const gateway of [port, port + 1])
        await eventually(`${host}:${gateway} is ready`, async () => (await statusOf(host, gateway)) === 200, 20_000);
    }
    // The starter, Redis, two each of media servers, workers, orchestrators and gateways.
    expect(starter.processes()).toHaveLength(10);
    starter.kill('SIGINT');
    expect(await starter.exited).toBe(0);
    await eventually('nothing is left', () => starter.processes().length === 0, 2_000);
  } finally {
    await starter.destroy();
    rmSync(dataDir, { recursive: true, force: true });
  }
}, 150_000);

function statusOf(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { host, port, path: '/readyz', rejectUnauthorized: false, timeout: 5_000 };
    request(options, (response) => resolve(response.resume().statusCode ?? 0))
      .once('error', reject)
      .end();
  });
}
