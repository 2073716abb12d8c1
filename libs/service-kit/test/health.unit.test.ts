import { createServer as createHttp, get } from 'node:http';
import { createServer as createHttps, get as getSecure } from 'node:https';
import { connect, createServer } from 'node:net';
import { generate } from 'selfsigned';
import { afterEach, describe, expect, it } from 'vitest';

import { createMetrics, listen, listenLoopback, type Listening, startHealthServer } from '../src/index.ts';

const open: Listening[] = [];
afterEach(async () => void (await Promise.all(open.splice(0).map((listening) => listening.close()))));
const keep = (listening: Listening) => (open.push(listening), listening);

describe('health', () => {
  it('answers on both loopback addresses: alive, ready or not, metrics', async () => {
    let state: true | string = 'Redis is gone';
    const { port } = keep(
      await startHealthServer({ host: 'localhost', port: 0, ready: () => state, registry: createMetrics() }),
    );
    for (const host of ['127.0.0.1', '[::1]']) {
      expect((await fetch(`http://${host}:${port}/healthz`)).status).toBe(200);
      state = 'Redis is gone';
      const notReady = await fetch(`http://${host}:${port}/readyz`);
      expect([notReady.status, await notReady.json()]).toEqual([503, { ready: false, reason: 'Redis is gone' }]);
      state = true;
      expect((await fetch(`http://${host}:${port}/readyz`)).status).toBe(200);
      expect(await (await fetch(`http://${host}:${port}/metrics`)).text()).toContain('process_cpu_seconds_total');
    }
  });

  it('gives each process part a registry of its own', () => {
    expect(createMetrics()).not.toBe(createMetrics());
  });
});

describe('listenLoopback', () => {
  it('serves HTTPS on both families', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
      algorithm: 'sha256',
    });
    const server = createHttps({ key, cert }, (_request, response) => response.end('hi'));
    const { port, addresses } = keep(await listenLoopback(server, 0));
    expect(addresses).toEqual(['127.0.0.1', '::1']);
    for (const host of addresses) expect(await body(getSecure, { host, port, rejectUnauthorized: false })).toBe('hi');
  });

  it('refuses a port that is taken on either family, and leaves nothing listening', async () => {
    for (const [taken, other] of [
      ['127.0.0.1', '::1'],
      ['::1', '127.0.0.1'],
    ] as const) {
      const squatter = createServer().listen(0, taken);
      await new Promise((resolve) => squatter.once('listening', resolve));
      const port = (squatter.address() as { port: number }).port;
      await expect(listenLoopback(createHttp(), port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
      await expect(connects(other, port)).resolves.toBe(false);
      await new Promise((resolve) => squatter.close(resolve));
    }
  });

  it('cuts what is still open after the grace on close, on both families', async () => {
    const listening = await listen(createHttp(), { host: '::1', port: 0 });
    const sockets = await Promise.all(
      listening.addresses.map(
        (host) =>
          new Promise<ReturnType<typeof connect>>((resolve) => {
            const socket = connect({ host, port: listening.port }, () => resolve(socket));
            socket.on('error', () => undefined);
          }),
      ),
    );
    const gone = Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    sockets.forEach((socket) => socket.resume().write('GET / HTTP/1.1\r\n'));
    await listening.close(50);
    await gone;
  });
});

type Get = typeof get | typeof getSecure;

function body(getter: Get, options: { host: string; port: number; rejectUnauthorized?: boolean }): Promise<string> {
  return new Promise((resolve, reject) => {
    getter(options, (response) => {
      response.setEncoding('utf8').once('data', resolve);
    }).once('error', reject);
  });
}

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port }, () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });
}
