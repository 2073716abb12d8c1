/** Real faults on a real Redis: killed and restarted, connections cut in the middle. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { connectRedisStore } from '../src/index.ts';
import { startRedis, type RunningRedis } from '@switchboard/testkit';
import { fixture, survives } from './load.ts';
import { change, commitAfter, mails, partition, until } from './support.ts';

let redis: RunningRedis;
const connect = (namespace: string) => connectRedisStore({ url: redis.url, namespace, commandTimeoutMs: 500 });

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await redis.stop();
});

const under = (namespace: string, rounds: number, disturb: () => Promise<void>) =>
  survives({ site: redis, namespace, partitions: 4, rounds, disturb });

async function redisCall(command: string, ...args: string[]): Promise<void> {
  const client = new Redis(redis.url);
  await client.call(command, ...args);
  client.disconnect();
}

/** A way to Redis whose connections can be made to swallow everything, with nobody being told; new ones work. */
async function swallowing(target = () => redis.port): Promise<{ url: string; swallow(): void; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connectSocket(target(), '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => other.destroy());
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `redis://127.0.0.1:${String(port)}`,
    swallow: () => {
      for (const socket of sockets) socket.unpipe().resume();
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

describe('on a real Redis', () => {
  it('nothing is lost or done twice while it is killed and comes back', async () => {
    await under('killed', 800, async () => {
      await fixture.pass(300);
      await redis.kill();
      await fixture.pass(300);
      await redis.restart();
    });
  });

  it('nothing is lost or done twice while all connections are cut again and again', async () => {
    const cutter = new Redis(redis.url);
    await under('cut', 800, async () => {
      for (let n = 0; n < 25; n += 1) {
        await fixture.pass(60);
        await cutter.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      }
    });
    cutter.disconnect();
  });

  it('nothing is lost or done twice while it stands still for longer than a command may take', async () => {
    const pauser = new Redis(redis.url);
    await under('paused', 600, async () => {
      await fixture.pass(200);
      await pauser.call('CLIENT', 'PAUSE', '900', 'ALL');
    });
    pauser.disconnect();
  });

  it('connects anew when its connection is dead without a word, as after a failed router', async () => {
    const proxy = await swallowing();
    const store = await connectRedisStore({ url: proxy.url, namespace: 'silent', commandTimeoutMs: 200 });
    await store.now();
    proxy.swallow();
    const started = Date.now();
    const answered = () =>
      store.now().then(
        () => true,
        () => false,
      );
    await until(fixture, 'it answers', answered);
    expect(Date.now() - started).toBeLessThan(3000);
    await store.close();
    proxy.close();
  });

  it('follows the name of its Redis when the old master became a replica', async () => {
    const old = await startRedis();
    let port = old.port;
    const proxy = await swallowing(() => port);
    const store = await connectRedisStore({ url: proxy.url, namespace: 'moved', commandTimeoutMs: 500 });
    expect(await store.take(1, 'A', 10)).toBeDefined();
    port = redis.port;
    const admin = new Redis(old.url);
    await admin.call('REPLICAOF', '127.0.0.1', String(redis.port));
    admin.disconnect();
    const taken = () =>
      store.take(2, 'B', 1000).then(
        (head) => head !== undefined,
        () => false,
      );
    await until(fixture, 'it writes again', taken, 5000);
    await store.close();
    proxy.close();
    await old.stop();
  });

  it('takes a commit once, and a sender’s messages once, though Redis forgets its scripts between them', async () => {
    const store = await connect('forgetful');
    const head = await store.take(1, 'A', 5000);
    for (let n = 1; n <= 3; n += 1) {
      await redisCall('SCRIPT', 'FLUSH');
      const results = await Promise.all([
        store.append(partition(1), 'a', mails(n, n)),
        store.append(partition(1), 'b', mails(n, n)),
        store.commit(1, commitAfter({ ...head!, commit: n - 1 }, { changes: [change('x')] })),
      ]);
      expect(results.map(({ kind }) => kind)).toEqual(['appended', 'appended', 'done']);
    }
    expect(await store.read(partition(1), '0', 10)).toHaveLength(6);
    await store.close();
  });

  it('is refused at once if Redis is not there', async () => {
    await expect(connectRedisStore({ url: 'redis://127.0.0.1:1', namespace: 'x' })).rejects.toMatchObject({
      temporary: true,
    });
  });
});
