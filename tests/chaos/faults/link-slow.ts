import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.ts';

const SLOW_MS = 200;
const FOR_MS = 5000;

export const linkSlow: Fault = {
  name: 'link-slow',
  what: 'the connection between two processes slow (200 ms) for 5 s',
  recovery: 'from its end: everybody is online, every partition works, a new call gets its media',
  withinMs: 20_000,
  async strike({ cluster }, random) {
    const { name, proxy } = random.pick(cluster.links);
    proxy.slow(SLOW_MS);
    await pause(FOR_MS);
    proxy.mend();
    return { recoveriesMs: [], since: performance.now(), told: name };
  },
};
