/** The whole cluster under a virtual clock and every fault: the other half of the seeds. */
import { simulate } from './shard.ts';

simulate(1, 2);
