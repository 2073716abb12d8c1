import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.ts';

const CUT_MS = 5000;

/** Between any two processes: half of the time connections break, half of the time nothing passes and nobody is told. */
export const linkCut: Fault = {
  name: 'link-cut',
  what: 'the connection between two processes cut for 5 s',
  recovery: 'from its end: everybody is online, every partition works, a new call gets its media',
  withinMs: 20_000,
  async strike({ cluster }, random) {
    const { name, proxy } = random.pick(cluster.links);
    const silent = random.chance(0.5);
    if (silent) proxy.silence();
    else proxy.cut();
    await pause(CUT_MS);
    proxy.mend();
    return { recoveriesMs: [], since: performance.now(), told: `${name}, ${silent ? 'silent' : 'refused'}` };
  },
};
