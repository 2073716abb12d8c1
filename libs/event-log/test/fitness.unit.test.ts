import { expect, it } from 'vitest';
import { unfitness } from '../src/redis/fitness.ts';

const info = (version: string, maxmemory: number, policy: string) =>
  [`# Server`, `redis_version:${version}`, `maxmemory:${String(maxmemory)}`, `maxmemory_policy:${policy}`, ''].join(
    '\r\n',
  );

it.each([
  [info('7.0.15', 0, 'noeviction'), undefined],
  [info('7.0.15', 1_000_000, 'noeviction'), undefined],
  [info('7.0.15', 0, 'allkeys-lru'), undefined],
  [info('8.2.1', 0, 'noeviction'), undefined],
  ['', undefined],
  [info('7.2.4', 1_000_000, 'volatile-lru'), /volatile-lru.*noeviction/],
  [info('6.2.7', 0, 'noeviction'), /6\.2\.7.*7\.0/],
])('finds a Redis unfit that is too old, or that evicts', (text, why) => {
  const found = unfitness(text);
  if (why === undefined) expect(found).toBeUndefined();
  else expect(found).toMatch(why);
});
