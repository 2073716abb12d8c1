/** What Sentinel and Cluster do when a master dies, stands still, or a slot moves: real processes, killed and frozen. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  askRedis,
  eventually,
  startRedisCluster,
  startSentinel,
  type ClusterNode,
  type RunningRedis,
  type RunningRedisCluster,
  type RunningSentinel,
} from '@switchboard/testkit';
import { foldPartition, Sender, startOrchestration, systemClock, type Observer } from '../src/index.ts';
import { account, bank, order } from './bank.ts';
import { connectTo, realTime } from './fixtures.ts';
import { longestPause, survives, type Seen } from './load.ts';

const partitions = 6;

describe('with Sentinel', () => {
  let site: RunningSentinel;
  beforeAll(async () => {
    site = await startSentinel();
  });
  afterAll(async () => {
    await site.stop();
  });

  const refuses = (master: RunningRedis) =>
    askRedis(master, 'SET', 'x', 'y').then(
      () => false,
      (error: unknown) => String(error).includes('NOREPLICAS'),
    );

  /** Resolves when another than `old` is the master and the gateway heard of something new: how long that took after the promotion, ms. */
  const backAfter = async (old: RunningRedis, seen: Seen): Promise<number> => {
    await eventually('another is the master', async () => (await site.master()).port !== old.port);
    const promoted = performance.now();
    const before = seen.heard.length;
    await eventually('the service is back', () => seen.heard.length > before);
    return performance.now() - promoted;
  };

  it('calls nobody dead while its servers can be read and not written to, for want of a replica', async () => {
    const disturb = async (seen: Seen) => {
      await eventually('it runs', () => seen.heard.length > 50);
      const master = await site.master();
      const replicas = site.servers.filter(({ port }) => port !== master.port);
      await Promise.all(replicas.map((replica) => replica.kill()));
      await eventually('writes are refused', () => refuses(master));
      await realTime.pass(5000);
      const before = seen.heard.length;
      await Promise.all(replicas.map((replica) => replica.restart()));
      await eventually('it goes on', () => seen.heard.length > before, 20_000);
    };
    await survives({ site, namespace: 'alone', partitions, rounds: 400, disturb });
  });

  it('goes on within 2 s of the promotion when the master is killed, and nothing is lost or done twice', async () => {
    let back = Infinity;
    const disturb = async (seen: Seen) => {
      await eventually('it runs', () => seen.heard.length > 50);
      const old = await site.master();
      await old.kill();
      back = await backAfter(old, seen);
      await old.restart();
    };
    await survives({ site, namespace: 'killed', partitions, rounds: 400, disturb });
    expect(back).toBeLessThan(2000);
  });

  it('goes on within 2 s of the promotion when the master stands still, and does not believe it when it wakes', async () => {
    let back = Infinity;
    const disturb = async (seen: Seen) => {
      await eventually('it runs', () => seen.heard.length > 50);
      const old = await site.master();
      old.signal('SIGSTOP');
      back = await backAfter(old, seen);
      old.signal('SIGCONT');
    };
    await survives({ site, namespace: 'frozen', partitions, rounds: 400, disturb });
    expect(back).toBeLessThan(2000);
  });

  it('gets again what it forgot, and says so, when a replica takes over that lags behind', async () => {
    const [regressed, gaps]: [number[], string[]] = [[], []];
    const namespace = 'forgetful';
    const store = await connectTo(site, { namespace, commandTimeoutMs: 500 });
    const options = { store, domain: bank, clock: systemClock, partitions: 2, processID: 'o' };
    const onRegressed = (number: number) => regressed.push(number);
    const orchestration = await startOrchestration({ ...options, onRegressed });
    await orchestration.ready;
    const observer: Observer = { gap: ({ src, kind }) => gaps.push(`${src} ${kind}`) };
    const sender = new Sender({ store, src: 'g', clock: systemClock, observer });
    const deposit = () => order(sender, { type: 'deposit', key: '1:ann', amount: 1 });
    const total = async () => (await account(store, '1:ann'))?.total;
    await deposit();
    await eventually('it is applied', async () => (await total()) === 1);
    const old = await site.master();
    const replicas = site.servers.filter(({ port }) => port !== old.port);
    expect(await askRedis(old, 'WAIT', 1, 1000)).toBeGreaterThan(0);
    await askRedis(old, 'CONFIG', 'SET', 'min-replicas-to-write', 0);
    for (const replica of replicas) replica.signal('SIGSTOP');
    await askRedis(old, 'CLIENT', 'KILL', 'TYPE', 'replica');
    await Promise.all([deposit(), deposit()]);
    await eventually('they are applied', async () => (await total()) === 3);
    await old.kill();
    for (const replica of replicas) replica.signal('SIGCONT');
    await eventually(
      'what was lost is applied again, though nobody says more',
      async () => (await total()) === 3,
      20_000,
    );
    expect([regressed.includes(1), gaps]).toEqual([true, ['g repaired']]);
    expect((await foldPartition(store, bank, 1)).differences).toEqual([]);
    await orchestration.stop();
    await store.close();
  });
});

describe('with Cluster', () => {
  let site: RunningRedisCluster;
  beforeAll(async () => {
    site = await startRedisCluster();
  });
  afterAll(async () => {
    await site.stop();
  });

  /** A master that does not hold what the gateway needs, and which partitions it serves. */
  const victim = async (namespace: string): Promise<{ master: ClusterNode; its: number[]; others: number[] }> => {
    const numbers = Array.from({ length: partitions }, (_, number) => number);
    const masters = await Promise.all(numbers.map((number) => site.masterOf(`${namespace}:{p${String(number)}}:head`)));
    const mailbox = await site.masterOf(`${namespace}:{g}:inbox`);
    const master = masters.find(({ id }) => id !== mailbox.id);
    if (master === undefined) throw new Error('all partitions are where the mailbox is');
    const [its, others] = [true, false].map((same) => numbers.filter((n) => (masters[n]?.id === master.id) === same));
    return { master, its: its ?? [], others: others ?? [] };
  };

  const serves = async ({ id }: ClusterNode) => (await site.masters()).some((master) => master.id === id);

  const onlyItsPartitionsPause = async (namespace: string, hit: (master: ClusterNode) => Promise<void>) => {
    const { master, its, others } = await victim(namespace);
    const disturb = async (seen: Seen) => {
      await eventually('it runs', () => seen.heard.length > 50);
      const count = (number: number) => seen.commits.get(number)?.length ?? 0;
      await hit(master);
      const before = its.map(count);
      await eventually(
        'its partitions go on',
        () => its.every((number, n) => count(number) > (before[n] ?? 0) + 5),
        20_000,
      );
    };
    const seen = await survives({ site, namespace, partitions, rounds: 400, disturb });
    const pauses = (numbers: number[]) => numbers.map((number) => Math.round(longestPause(seen, number)));
    const outage = Math.min(...pauses(its));
    expect(outage).toBeGreaterThan(1000);
    expect(Math.max(...pauses(others))).toBeLessThan(0.7 * outage);
  };

  it('pauses only the partitions of a master that is killed, and nothing is lost or done twice', async () => {
    await onlyItsPartitionsPause('killed', async (master) => {
      await master.kill();
      await eventually('another serves', async () => !(await serves(master)), 20_000);
      await master.restart();
    });
  });

  it('pauses only the partitions of a master that stands still', async () => {
    await onlyItsPartitionsPause('frozen', async (master) => {
      master.signal('SIGSTOP');
      await eventually('another serves', async () => !(await serves(master)), 20_000);
      master.signal('SIGCONT');
    });
  });

  it('loses and doubles nothing while slots move, there and back', async () => {
    const disturb = async (seen: Seen) => {
      await eventually('it runs', () => seen.heard.length > 50);
      for (const tag of ['p0', 'g', 'p1', 'p2', 'g', 'p0']) await site.moveSlot(`moved:{${tag}}:inbox`);
      await site.moveSlot('moved:registry');
    };
    await survives({ site, namespace: 'moved', partitions, rounds: 800, disturb });
  });
});
