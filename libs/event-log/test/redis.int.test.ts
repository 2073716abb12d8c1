import { storeContract } from './contract.ts';
import { redisFixture } from './fixtures.ts';

storeContract('the Redis store', redisFixture);
