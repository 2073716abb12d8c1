import { eventually } from '@switchboard/testkit';
import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceProcess } from '@switchboard/testkit';
import type { Fault } from './fault.ts';

const FROZEN_MS = 10_000;

/** When it wakes up, Redis takes nothing from it; it notices and takes its share anew. */
export const orchestratorFrozen: Fault = {
  name: 'orchestrator-frozen',
  what: 'an orchestrator frozen for 10 s (`SIGSTOP`), then woken',
  recovery: 'the longest that a command took in any partition',
  withinMs: 6000,
  async strike({ cluster, prober }, random) {
    const victim = random.pick(cluster.orchestrators);
    const before = await metric(victim, 'ownership_changes_total{kind="fenced"}');
    const since = performance.now();
    victim.signal('SIGSTOP');
    await pause(FROZEN_MS);
    const whileFrozen = prober.longest(since);
    victim.signal('SIGCONT');
    const wrong: string[] = [];
    const fenced = async () => (await metric(victim, 'ownership_changes_total{kind="fenced"}')) > before;
    const owns = async () => (await metric(victim, 'partitions_owned')) > 0;
    await eventually('it notices that it is fenced out', fenced, 10_000).catch((error: unknown) =>
      wrong.push(String(error)),
    );
    await eventually('it owns partitions again', owns, 20_000).catch((error: unknown) => wrong.push(String(error)));
    const recoveriesMs = [Math.max(whileFrozen, prober.longest(since))];
    return { recoveriesMs, since, told: `orchestrator ${String(victim.pid)}`, wrong };
  },
};

/** A number that a process tells at `/metrics`; 0 if it has not yet. */
async function metric(process: ServiceProcess, name: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${String(process.port)}/metrics`);
  const lines = (await response.text()).split('\n');
  return Number(
    lines
      .find((line) => line.startsWith(`switchboard_${name} `))
      ?.split(' ')
      .at(-1) ?? 0,
  );
}
