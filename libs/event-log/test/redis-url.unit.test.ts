import { describe, expect, it } from 'vitest';
import { parseRedisURL } from '../src/redis/redis-url.ts';
import { slotOf } from '../src/redis/slot.ts';

const plain = { tls: false, username: undefined, password: undefined };
const at = (host: string, port: number) => ({ host, port });

describe('the address of Redis', () => {
  it.each([
    ['redis://h', { ...plain, kind: 'single', endpoints: [at('h', 6379)], database: 0 }],
    ['redis://[::1]:7000/3', { ...plain, kind: 'single', endpoints: [at('::1', 7000)], database: 3 }],
    [
      'rediss://ann:a%40b:c@h:1',
      { kind: 'single', tls: true, username: 'ann', password: 'a@b:c', endpoints: [at('h', 1)], database: 0 },
    ],
    ['redis://:p@ss@h', { ...plain, password: 'p@ss', kind: 'single', endpoints: [at('h', 6379)], database: 0 }],
    [
      'redis+sentinel://h1,h2:1,h3/main/2',
      {
        ...plain,
        kind: 'sentinel',
        endpoints: [at('h1', 26_379), at('h2', 1), at('h3', 26_379)],
        name: 'main',
        database: 2,
      },
    ],
    [
      'rediss-cluster://:x@h1,h2:1/',
      { ...plain, tls: true, password: 'x', kind: 'cluster', endpoints: [at('h1', 6379), at('h2', 1)] },
    ],
  ])('%s', (url, address) => {
    expect(parseRedisURL(url)).toEqual(address);
  });

  it.each([
    ['http://:hush@h', /is not an address like/],
    ['redis://:hush@h?db=1', /is not an address like/],
    ['redis://:hush@', /host that is not/],
    ['redis://:hush@h1,h2', /names several hosts/],
    ['redis://:hush@h:70000', /port that is not between/],
    ['redis://:hush@h:port', /host that is not/],
    ['redis://:hush@h/one', /database that is not a number/],
    ['redis://:hush%@h', /% that begins no escape/],
    ['redis+sentinel://:hush@h', /does not name the servers/],
    ['redis+sentinel://:hush@h/main/1/2', /database that is not a number/],
    ['redis-cluster://:hush@h/1', /has none/],
    ['redis+cluster://:hush@h', /is not an address like/],
  ])('%s is refused, by its fault and without its password', (url, fault) => {
    expect(() => parseRedisURL(url)).toThrow(fault);
    expect(() => parseRedisURL(url)).not.toThrow(/hush/);
  });
});

describe('the slot of a key', () => {
  // What `CLUSTER KEYSLOT` of Redis 7.0 answers.
  it.each([
    ['123456789', 12_739],
    ['ns:{p7}:inbox', 3821],
    ['{}key', 14_961],
    ['ä{', 8673],
  ])('%s', (key, slot) => {
    expect(slotOf(key)).toBe(slot);
  });
});
