import { storeContract } from './contract.ts';
import { memoryFixture } from './fixtures.ts';
import { shortageContract } from './shortage.ts';

storeContract('the memory store', memoryFixture);
shortageContract('the memory store', memoryFixture);
