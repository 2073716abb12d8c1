/** The contract of a store on every topology of Redis. */
import {
  startRedis,
  startRedisCluster,
  startSentinel,
  startTlsRedis,
  type RunningRedisCluster,
  type RunningTlsRedis,
} from '@switchboard/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRedisStore } from '../src/index.ts';
import { storeContract } from './contract.ts';
import { redisFixture, tightRedisFixture } from './fixtures.ts';
import { shortageContract } from './shortage.ts';

const password = 'se:cr@t';

storeContract('the store on a single Redis', redisFixture(startRedis));
storeContract(
  'the store on Redis over TLS',
  redisFixture(() => startTlsRedis(password)),
);
storeContract(
  'the store on Redis with Sentinel',
  redisFixture(() => startSentinel({ password: 'pass', sentinelPassword: 'watch' })),
);
storeContract(
  'the store on a Redis Cluster',
  redisFixture(() => startRedisCluster({ password })),
);
shortageContract('the store on a single Redis', tightRedisFixture);

describe('a Redis that does not let in', () => {
  let [tls, cluster]: [RunningTlsRedis | undefined, RunningRedisCluster | undefined] = [undefined, undefined];
  beforeAll(async () => {
    [tls, cluster] = await Promise.all([startTlsRedis(password), startRedisCluster({ password })]);
  });
  afterAll(async () => {
    await Promise.all([tls?.stop(), cluster?.stop()]);
  });
  const wrong = (url = '') => url.replace(/:[^:@]*@/, ':wrong@');
  const connect = (url = '', ca = '') => connectRedisStore({ url, namespace: 'x', ...(ca === '' ? {} : { ca }) });

  it('refuses a wrong password for good', async () => {
    const refusal = { temporary: false, message: expect.stringMatching(/WRONGPASS|NOAUTH/) as string };
    await expect(connect(wrong(tls?.url), tls?.ca)).rejects.toMatchObject(refusal);
    await expect(connect(wrong(cluster?.url))).rejects.toMatchObject(refusal);
  });

  it('is not trusted with a certificate of nobody that is known', async () => {
    await expect(connect(tls?.url)).rejects.toMatchObject({ message: expect.stringMatching(/self-signed/) as string });
  });
});
