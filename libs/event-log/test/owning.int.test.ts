import { owningContract } from './owning.ts';
import { redisFixture } from './fixtures.ts';

owningContract('orchestrations on Redis', redisFixture);
