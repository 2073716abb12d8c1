import type { Fault } from './fault.ts';

/** Another takes its partitions when its lease (1.5 s) has run out. */
export const orchestratorKilled: Fault = {
  name: 'orchestrator-killed',
  what: '`kill -9` of an orchestrator',
  recovery: 'the longest that a command took in any partition',
  withinMs: 6000,
  async strike({ cluster, prober, supervisor }, random) {
    const victim = random.pick(cluster.orchestrators);
    const since = performance.now();
    await victim.kill();
    await prober.through(performance.now(), 30_000);
    const recoveriesMs = [prober.longest(since)];
    await supervisor.replaced(victim);
    return { recoveriesMs, since, told: `orchestrator ${String(victim.pid)}` };
  },
};
