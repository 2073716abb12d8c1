import { owningContract } from './owning.ts';
import { memoryFixture } from './fixtures.ts';

owningContract('orchestrations on the memory store', memoryFixture);
