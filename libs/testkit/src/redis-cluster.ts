/** A Redis Cluster: three masters, and a replica of each. A write needs no replica; a master is given up after a second. */
import { freePort } from './ports.ts';
import { askRedis } from './redis-ask.ts';
import { startRedis, type RedisSite, type RunningRedis } from './redis-launcher.ts';
import { eventually } from './wait.ts';

export interface ClusterNode extends RunningRedis {
  /** As the cluster calls it. */
  readonly id: string;
}

export interface RunningRedisCluster extends RedisSite {
  /** The first three were the masters at the start, the others their replicas in the same order. */
  readonly nodes: readonly ClusterNode[];
  /** Those that serve slots now. */
  masters(): Promise<readonly ClusterNode[]>;
  /** Which node serves a key now. */
  masterOf(key: string): Promise<ClusterNode>;
  /** Moves the slot of a key, with all its keys, to another master, while whoever uses it goes on. */
  moveSlot(key: string): Promise<void>;
}

const MASTERS = 3;
const SLOTS = 16_384;

export async function startRedisCluster(options: { readonly password?: string } = {}): Promise<RunningRedisCluster> {
  const { password } = options;
  const nodes = await Promise.all(Array.from({ length: 2 * MASTERS }, () => startNode(options)));
  const ask = (node: RunningRedis, command: string, ...args: readonly (string | number)[]) =>
    askRedis({ port: node.port, password }, command, ...args);
  const cluster = new LocalCluster(nodes, ask);
  await cluster.form();
  const hosts = nodes.map(({ port }) => `127.0.0.1:${String(port)}`).join();
  return {
    nodes,
    url: `redis-cluster://${password === undefined ? '' : `:${encodeURIComponent(password)}@`}${hosts}`,
    masters: () => cluster.masters(),
    masterOf: (key) => cluster.masterOf(key),
    moveSlot: (key) => cluster.moveSlot(key, password),
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

async function startNode({
  password,
}: {
  readonly password?: string;
}): Promise<ClusterNode & { readonly bus: number }> {
  const bus = await freePort();
  const mode = ['--cluster-enabled', 'yes', '--cluster-port', String(bus), '--cluster-node-timeout', '1000'];
  const alone = ['--cluster-require-full-coverage', 'no', '--cluster-migration-barrier', '99'];
  const args = [...mode, ...alone, '--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1'];
  const redis = await startRedis({ ...(password === undefined ? {} : { password }), args });
  const id = String(await askRedis({ port: redis.port, password }, 'CLUSTER', 'MYID'));
  return { ...redis, id, bus };
}

type Ask = (node: RunningRedis, command: string, ...args: readonly (string | number)[]) => Promise<unknown>;
type Range = [first: number, last: number, master: [host: string, port: number, id: string]];

class LocalCluster {
  readonly #nodes: readonly (ClusterNode & { readonly bus: number })[];
  readonly #ask: Ask;

  constructor(nodes: readonly (ClusterNode & { readonly bus: number })[], ask: Ask) {
    this.#nodes = nodes;
    this.#ask = ask;
  }

  async form(): Promise<void> {
    const [first, ...others] = this.#nodes;
    if (first === undefined) throw new Error('no nodes');
    const masters = this.#nodes.slice(0, MASTERS);
    for (const [index, node] of masters.entries()) {
      const bounds = [index, index + 1].map((part) => Math.floor((part * SLOTS) / MASTERS));
      await this.#ask(node, 'CLUSTER', 'ADDSLOTSRANGE', bounds[0] ?? 0, (bounds[1] ?? SLOTS) - 1);
      await this.#ask(node, 'CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    }
    for (const { port, bus } of others) await this.#ask(first, 'CLUSTER', 'MEET', '127.0.0.1', port, bus);
    const count = this.#nodes.length;
    await this.#all('every node knows all', `cluster_known_nodes:${String(count)}`);
    for (const [index, node] of this.#nodes.slice(MASTERS).entries()) {
      await this.#ask(node, 'CLUSTER', 'REPLICATE', masters[index]?.id ?? '');
    }
    await this.#all('the cluster works', 'cluster_state:ok');
    for (const master of masters) {
      await eventually('its replica is in step', async () => (await this.#ask(master, 'WAIT', 1, 100)) === 1);
    }
  }

  async masterOf(key: string): Promise<ClusterNode> {
    const slot = await this.#slotOf(key);
    const id = (await this.#ranges()).find(([from, to]) => from <= slot && slot <= to)?.[2][2];
    const master = this.#nodes.find((node) => node.id === id);
    if (master === undefined) throw new Error(`nobody serves slot ${String(slot)}`);
    return master;
  }

  async masters(): Promise<ClusterNode[]> {
    const ids = new Set((await this.#ranges()).map(([, , [, , id]]) => id));
    return this.#nodes.filter(({ id }) => ids.has(id));
  }

  async moveSlot(key: string, password: string | undefined): Promise<void> {
    const slot = await this.#slotOf(key);
    const from = await this.masterOf(key);
    const masters = await this.masters();
    const to = masters.find((node) => node.id !== from.id);
    if (to === undefined) throw new Error('there is no other master');
    await this.#ask(to, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
    await this.#ask(from, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
    const target = ['127.0.0.1', to.port, '', 0, 5000, ...(password === undefined ? [] : ['AUTH', password])];
    for (;;) {
      const keys = (await this.#ask(from, 'CLUSTER', 'GETKEYSINSLOT', slot, 10)) as string[];
      if (keys.length === 0) break;
      await this.#ask(from, 'MIGRATE', ...target, 'KEYS', ...keys);
    }
    for (const node of [to, from, ...masters]) await this.#ask(node, 'CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
  }

  async #slotOf(key: string): Promise<number> {
    return Number(await this.#anyone('KEYSLOT', key));
  }

  async #ranges(): Promise<Range[]> {
    return (await this.#anyone('SLOTS')) as Range[];
  }

  /** The first answer of a node that is alive. */
  #anyone(...question: readonly string[]): Promise<unknown> {
    return Promise.any(this.#nodes.map((node) => this.#ask(node, 'CLUSTER', ...question)));
  }

  async #all(what: string, line: string): Promise<void> {
    for (const node of this.#nodes) {
      await eventually(what, async () => String(await this.#ask(node, 'CLUSTER', 'INFO')).includes(line));
    }
  }
}
