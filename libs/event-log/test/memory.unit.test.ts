import { storeContract } from './contract.ts';
import { memoryFixture } from './fixtures.ts';

storeContract('the memory store', memoryFixture);
