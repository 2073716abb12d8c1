import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.ts';

/** With an append-only file. Sockets stay, and so do calls; what was acknowledged is there again. */
export const redisKilled: Fault = {
  name: 'redis-killed',
  what: '`kill -9` of Redis (append-only file), and its restart',
  recovery: 'from its restart: every partition works, a new call gets its media',
  withinMs: 20_000,
  async strike({ cluster, phones }, random) {
    const breaks = () => phones.reduce((sum, phone) => sum + phone.breaks, 0);
    const before = breaks();
    const awayMs = random.whole(300, 4000);
    await cluster.redis.kill();
    await pause(awayMs);
    const wrong = breaks() === before ? [] : ['sockets broke while Redis was away'];
    await cluster.redis.restart();
    return { recoveriesMs: [], since: performance.now(), told: `away for ${String(awayMs)} ms`, wrong };
  },
};
