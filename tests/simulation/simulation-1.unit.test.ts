/** The whole cluster under a virtual clock and every fault: half of the seeds. */
import { simulate } from './shard.ts';

simulate(0, 2);
