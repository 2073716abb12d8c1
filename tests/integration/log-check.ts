/** What the log says after a run: folding the events gives exactly the state, and what is still going on. */
import { createModel, DEFAULT_POLICY, type State } from '@switchboard/call-model';
import { connectRedisStore, foldPartition, type Domain } from '@switchboard/event-log';
import type { Cluster } from '@switchboard/testkit';

export interface LogCheck {
  readonly differences: readonly string[];
  /** Lines that have a record: somebody is online or engaged. */
  readonly lines: number;
  readonly engaged: number;
  readonly liveCalls: number;
  readonly connected: number;
  readonly ended: number;
  /** How the ended calls ended. */
  readonly reasons: readonly string[];
}

export async function checkLog(cluster: Cluster): Promise<LogCheck> {
  const store = await connectRedisStore({ url: cluster.redis.url, namespace: cluster.namespace });
  const model = createModel({ partitions: cluster.partitions, policy: DEFAULT_POLICY });
  const domain = {
    ...model,
    answer: () => {
      throw new Error('nothing is asked while folding');
    },
  } as unknown as Domain<unknown, unknown, unknown, unknown, unknown>;
  try {
    const differences: string[] = [];
    const states: State[] = [];
    for (let partition = 0; partition < cluster.partitions; partition += 1) {
      differences.push(...(await foldPartition(store, domain, partition)).differences);
      for (const json of (await store.aggregates(partition)).values()) states.push(JSON.parse(json) as State);
    }
    const lines = states.filter((state) => state.kind === 'line');
    const calls = states.filter((state) => state.kind === 'call');
    const ended = calls.flatMap((call) => (call.phase === 'ended' ? [call.ending.reason] : []));
    return {
      differences,
      lines: lines.length,
      engaged: lines.filter((line) => line.engaged).length,
      liveCalls: calls.length - ended.length,
      connected: calls.filter(({ phase }) => phase === 'connected').length,
      ended: ended.length,
      reasons: ended,
    };
  } finally {
    await store.close();
  }
}

export async function inboxLengths(cluster: Cluster): Promise<number[]> {
  const store = await connectRedisStore({ url: cluster.redis.url, namespace: cluster.namespace });
  try {
    const partitions = Array.from(
      { length: cluster.partitions },
      (_, partition) => ({ kind: 'partition', partition }) as const,
    );
    return await Promise.all(partitions.map(async (address) => (await store.read(address, '0', 1000)).length));
  } finally {
    await store.close();
  }
}
