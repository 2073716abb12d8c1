/** The parts around the relay: configuration, answers kept, connections. */
import { loadConfig } from '@switchboard/service-kit';
import { expect, test, vi } from 'vitest';
import type { Clock } from '../src/clock.ts';
import { config, ownEnvironment } from '../src/config.ts';
import { Connections, type Connection } from '../src/objects/connections.ts';
import { AnswerCache } from '../src/rpc/answer-cache.ts';
import { errorAnswer, resultAnswer } from '../src/rpc/frames.ts';

test('only the prefixed variables count, and have their defaults', () => {
  expect(config.parse({})).toMatchObject({ PORT: 8888, HOST: '127.0.0.1', SESSION_GRACE_MS: 240_000 });
  const env = ownEnvironment({ MEDIA_SERVER_PORT: '1000', PORT: '2', HOST: 'x', MEDIA_SERVER_PORT_RANGE: '20-30' });
  expect(loadConfig(config, { env, argv: [] })).toMatchObject({
    PORT: 1000,
    HOST: '127.0.0.1',
    PORT_RANGE: { first: 20, last: 30 },
  });
  expect(loadConfig(config, { env, argv: ['--port', '0'] })).toMatchObject({ PORT: 0 });
});

test.each(['30-20', '0-10', '1-70000', 'all'])('a port range of %s is refused', (PORT_RANGE) => {
  expect(config.safeParse({ PORT_RANGE }).success).toBe(false);
});

function heldClock(): Clock & { time: number } {
  return {
    time: 0,
    now(): number {
      return this.time;
    },
    after: () => () => undefined,
    every: () => () => undefined,
  };
}

const request = (id: number) => ({ id, method: 'm', params: {} });

test('an answer is kept for 20 s, an error is not, and no more than 128 are', async () => {
  const clock = heldClock();
  const cache = new AnswerCache(clock);
  const make = vi.fn(async () => resultAnswer(1, 'x'));
  await cache.answer(request(1), make);
  clock.time = 19_999;
  await cache.answer(request(1), make);
  expect(make).toHaveBeenCalledTimes(1);
  clock.time = 20_000;
  await cache.answer(request(1), make);
  expect(make).toHaveBeenCalledTimes(2);
  for (let id = 2; id < 140; id += 1) await cache.answer(request(id), make);
  await cache.answer(request(1), make);
  expect(make).toHaveBeenCalledTimes(2 + 138 + 1);
  await cache.answer({ ...request(1), method: 'other' }, make);
  expect(make).toHaveBeenCalledTimes(2 + 138 + 2);
  const fail = vi.fn(async () => errorAnswer(9000, new Error('no')));
  await cache.answer(request(9000), fail);
  await cache.answer(request(9000), fail);
  expect(fail).toHaveBeenCalledTimes(2);
});

test('what nobody foresaw is answered without its text', () => {
  expect(JSON.stringify(errorAnswer(1, new Error('192.0.2.1 said no')))).not.toContain('192.0.2.1');
});

test('a sink has one source per media type, and hears of every change once', () => {
  const heard: string[] = [];
  const tell =
    (what: string) =>
    ({ source, sink, type }: Connection<string>) =>
      heard.push(`${what}${source}>${sink}:${type}`);
  const connections = new Connections<string>({ connected: tell('+'), disconnected: tell('-') });
  connections.connect('a', 'c', ['AUDIO', 'VIDEO']);
  connections.connect('a', 'c', ['AUDIO']);
  connections.connect('b', 'c', ['VIDEO']);
  connections.disconnect('a', 'c', ['VIDEO']);
  expect(heard.splice(0)).toEqual(['+a>c:AUDIO', '+a>c:VIDEO', '-a>c:VIDEO', '+b>c:VIDEO']);
  expect(connections.to('c')).toHaveLength(2);
  connections.drop('c');
  expect(heard.sort()).toEqual(['-a>c:AUDIO', '-b>c:VIDEO']);
  expect([...connections.from('a'), ...connections.from('b'), ...connections.to('c')]).toEqual([]);
});
