import type { Fault } from './fault.ts';

/** It comes back, as by a supervisor, and takes its pipelines over by their ids. */
export const workerKilled: Fault = {
  name: 'worker-killed',
  what: '`kill -9` of a media worker, restarted by its supervisor',
  recovery: 'the new one is ready to be given calls',
  withinMs: 15_000,
  async strike({ cluster, supervisor }, random) {
    const victim = random.pick(cluster.workers);
    const since = performance.now();
    await victim.kill();
    await supervisor.replaced(victim);
    const told = `${String(victim.details['workerID'])}`;
    return { recoveriesMs: [performance.now() - since], since, told };
  },
};
