/** On the topology that differs most; `faults` and `failover` run the same loops on a single Redis and on Sentinel. */
import { startRedisCluster } from '@switchboard/testkit';
import { redisFixture } from './fixtures.ts';
import { owningContract } from './owning.ts';

owningContract('orchestrations on a Redis Cluster', redisFixture(startRedisCluster));
