import type { Fault } from './fault.ts';

/** It hands its partitions over between two batches; a new one takes its place, as in a rolling restart. */
export const orchestratorStopped: Fault = {
  name: 'orchestrator-stopped',
  what: '`SIGTERM` of an orchestrator, and a new one in its place',
  recovery: 'the longest that a command took in any partition',
  withinMs: 3000,
  async strike({ cluster, prober, supervisor }, random) {
    const victim = random.pick(cluster.orchestrators);
    const since = performance.now();
    const code = await victim.stop();
    await supervisor.replaced(victim);
    await prober.through(performance.now(), 30_000);
    const wrong = code === 0 ? [] : [`it ended with code ${String(code)}`];
    return { recoveriesMs: [prober.longest(since)], since, told: `orchestrator ${String(victim.pid)}`, wrong };
  },
};
