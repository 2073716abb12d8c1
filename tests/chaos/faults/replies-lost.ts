import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.ts';

const REPLIES = 20;
const EVERY_MS = 150;

/** Redis (or the media server) has done what it was asked, and the one who asked never hears so. */
export const repliesLost: Fault = {
  name: 'replies-lost',
  what: 'replies lost after the command was applied, 20 times in 3 s, each with its connection',
  recovery: 'from its end: everybody is online, every partition works, a new call gets its media',
  withinMs: 20_000,
  async strike({ cluster }, random) {
    const { name, proxy } = random.pick(cluster.links.filter((link) => link.name.endsWith('Redis')));
    for (let n = 0; n < REPLIES; n += 1) {
      proxy.loseReplies(1);
      await pause(EVERY_MS);
    }
    proxy.mend();
    return { recoveriesMs: [], since: performance.now(), told: name };
  },
};
