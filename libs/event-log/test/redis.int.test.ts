/** The contract of a store on every topology of Redis. */
import { startRedis, startRedisCluster, startSentinel, startTlsRedis } from '@switchboard/testkit';
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
