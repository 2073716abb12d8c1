/** What the processes of a cluster hold: memory, file descriptors, pipelines, keys. Read from outside, from Linux and Redis. */
import { askRedis, type Cluster, type ServiceProcess } from '@switchboard/testkit';
import { readdirSync, readFileSync } from 'node:fs';
import type { Stage } from './stage.ts';

/** By name, e.g. `gateways: memory, MiB`. */
export type Sample = ReadonlyMap<string, number>;

const MIB = 2 ** 20;
const PAGE_BYTES = 4096;
const KINDS = ['gateways', 'orchestrators', 'workers', 'mediaServers'] as const;

/** Rejects while Redis or a media server is away. */
export async function sample(stage: Stage): Promise<Sample> {
  const { cluster } = stage;
  const found = new Map<string, number>();
  for (const kind of KINDS) {
    found.set(`${kind}: memory, MiB`, mean(cluster[kind].map(memory)) / MIB);
    found.set(`${kind}: file descriptors`, mean(cluster[kind].map(descriptors)));
  }
  const history = await historyBytes(cluster);
  const { redis } = cluster;
  const used = Number(/^used_memory:(\d+)/m.exec(String(await askRedis(redis, 'INFO', 'memory')))?.[1]);
  found.set('Redis: memory without the history, MiB', (used - history) / MIB);
  found.set('Redis: keys', Number(await askRedis(redis, 'DBSIZE')));
  found.set('pipelines', await stage.pipelines());
  return found;
}

/** The events are kept for a day: they grow as long as there are calls. */
async function historyBytes({ redis, namespace, partitions }: Cluster): Promise<number> {
  const keys = Array.from({ length: partitions }, (_, partition) => `${namespace}:{p${String(partition)}}:events`);
  const sizes = await Promise.all(keys.map((key) => askRedis(redis, 'MEMORY', 'USAGE', key, 'SAMPLES', '0')));
  return sizes.reduce<number>((sum, size) => sum + Number(size), 0);
}

/** Resident set, bytes. 0 for a process that has just died. */
const memory = ({ pid }: ServiceProcess) =>
  orZero(() => Number(readFileSync(`/proc/${String(pid)}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES);
const descriptors = ({ pid }: ServiceProcess) => orZero(() => readdirSync(`/proc/${String(pid)}/fd`).length);

function orZero(read: () => number): number {
  try {
    return read();
  } catch {
    return 0;
  }
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
