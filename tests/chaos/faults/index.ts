/** Every fault that the suite knows: `npm test` has each happen once, `npm run chaos` goes on at random. */
import type { Fault } from './fault.ts';
import { gatewayKilled } from './gateway-killed.ts';
import { linkCut } from './link-cut.ts';
import { linkSlow } from './link-slow.ts';
import { orchestratorFrozen } from './orchestrator-frozen.ts';
import { orchestratorKilled } from './orchestrator-killed.ts';
import { orchestratorStopped } from './orchestrator-stopped.ts';
import { redisKilled } from './redis-killed.ts';
import { repliesLost } from './replies-lost.ts';
import { workerKilled } from './worker-killed.ts';

export const faults: readonly Fault[] = [
  gatewayKilled,
  orchestratorKilled,
  orchestratorFrozen,
  orchestratorStopped,
  workerKilled,
  redisKilled,
  linkCut,
  linkSlow,
  repliesLost,
];
