/** For tests of the whole: the domain that the orchestrators run, without its shell. */
export { config } from './config.ts';
export { createDomain, type CallDomain } from './domain.ts';
export { Placement, type SeenWorker } from './placement.ts';
