/** A media worker that dies or sleeps, and a media server that dies: real processes, real media where it matters. */
import { connectRedisStore, Sender, systemClock, type LogStore } from '@switchboard/event-log';
import { callCommand, workerInfo } from '@switchboard/protocol';
import {
  eventually,
  mediaFlows,
  pipelinesOf,
  putInCall,
  ServiceProcess,
  startCluster,
  startRedis,
  SyntheticUser,
  type Cluster,
  type ClusterOptions,
} from '@switchboard/testkit';
import { afterEach, expect, test } from 'vitest';
import { OFFER } from '../../services/media-worker/test/helpers.ts';
import { checkLog } from '../integration/log-check.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function newCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = await startCluster({ workers: 1, partitions: 4, gateways: 1, ...options });
  cleanups.push(() => cluster.stop());
  return cluster;
}

type Pair = readonly [SyntheticUser, SyntheticUser];

async function joinPair(cluster: Cluster, name: string): Promise<Pair> {
  const join = (role: string) =>
    SyntheticUser.join(cluster.socket(), `${name}-${role}`, { videoPps: 30, audioPps: 20 });
  const pair = await Promise.all([join('a'), join('b')]);
  cleanups.push(() => Promise.all(pair.map((user) => user.leave())));
  return pair;
}

const pipelines = (cluster: Cluster) => pipelinesOf(String(cluster.mediaServers[0]?.details['url']));

test('a worker is killed in the middle of set-ups: each connects, who talks loses no packet, who hung up leaves nothing', async () => {
  const SET_UPS = 6;
  const cluster = await newCluster();
  const [worker] = cluster.workers;
  if (worker === undefined) throw new Error('a worker is needed');
  const [talking, leaving] = [await joinPair(cluster, 'talking'), await joinPair(cluster, 'leaving')];
  await Promise.all([talking, leaving].map((pair) => putInCall(...pair, 30_000)));
  await mediaFlows(...talking, ...leaving);

  const pairs = await Promise.all(
    Array.from({ length: SET_UPS }, (_, index) => joinPair(cluster, `pair${String(index)}`)),
  );
  let rung = 0;
  const setUps = pairs.map(async ([caller, callee], index) => {
    // Half of them is accepted before or while the worker dies, the others ring then.
    await caller.call(callee.userID);
    await callee.socket.next('incomingCall', 30_000);
    rung += 1;
    if (index % 2 === 1) await eventually('the worker is dead', () => dead, 30_000);
    await callee.accept(caller.userID);
    await Promise.all([caller.talk(30_000), callee.talk(30_000)]);
  });
  let dead = false;
  await eventually('they ring', () => rung >= SET_UPS / 2);
  await worker.kill();
  dead = true;
  leaving[0].stop();
  await leaving[1].socket.next('stopCommunication');
  await cluster.restart(worker);
  await Promise.all(setUps);

  await eventually('all are connected', async () => (await checkLog(cluster)).connected === SET_UPS + 1);
  await mediaFlows(...talking, ...pairs.flat());
  for (const user of talking) expect([user.stats().video.lost, user.stats().audio.lost]).toEqual([0, 0]);
  const { reasons, differences } = await checkLog(cluster);
  expect([reasons, differences]).toEqual([['completed'], []]);
  await eventually('who hung up has no pipeline', async () => (await pipelines(cluster)).length === SET_UPS + 1);
  for (const [caller] of [talking, ...pairs]) caller.stop();
  await eventually('no pipeline is left', async () => (await pipelines(cluster)).length === 0);
});

test('a worker that the log took for dead while it slept wakes up, releases what it had, and takes calls', async () => {
  const cluster = await newCluster();
  const [worker] = cluster.workers;
  const [caller, callee] = await joinPair(cluster, 'first');
  await putInCall(caller, callee, 30_000);
  worker?.signal('SIGSTOP');
  await eventually('its calls are given up', async () => (await checkLog(cluster)).liveCalls === 0, 20_000);
  expect((await pipelines(cluster)).length).toBe(1);
  worker?.signal('SIGCONT');
  await eventually('its pipelines are released', async () => (await pipelines(cluster)).length === 0);
  let tries = 0;
  const talks = async () => {
    const next = await joinPair(cluster, `next-${String((tries += 1))}`);
    await putInCall(...next, 3000);
    await mediaFlows(...next);
    return true;
  };
  await eventually('the orchestrators see it again, and a call is connected', talks, 30_000);
  expect((await checkLog(cluster)).differences).toEqual([]);
});

/** A worker of its own with many calls, and whoever listens to what it says of them. */
async function startCalls(count: number) {
  const [redis, kms] = await Promise.all([
    startRedis(),
    ServiceProcess.start({ package: 'libs/media-server', env: {}, args: ['--port', '0'] }),
  ]);
  const env = { REDIS_URL: redis.url, NAMESPACE: 'test', PARTITIONS: '4', WORKER_ID: 'w1', LOG_LEVEL: 'info' };
  const worker = await ServiceProcess.start({
    package: 'services/media-worker',
    env: { ...env, KMS_URL: String(kms.details['url']) },
  });
  const store = await connectRedisStore({ url: redis.url, namespace: 'test' });
  cleanups.push(
    () => redis.stop(),
    () => kms.kill().catch(() => undefined),
    () => worker.stop(),
    () => store.close(),
  );
  const sender = new Sender({ store, src: 'p3', clock: systemClock });
  for (let index = 0; index < count; index += 1) {
    const callID = `3-0190a5b2-7c3d-7e4f-8a1b-${String(index).padStart(12, '0')}`;
    const legID = `s${String(index)}:1`;
    const owner = { gateway: 'g', session: `s${String(index)}`, connection: 1 };
    const leg = { type: 'PrepareLeg', callID, attempt: 1, party: 'caller', legID, media: 'video', owner };
    await sender.send(
      { kind: 'process', id: 'w1' },
      { body: JSON.stringify(leg), blobs: { [`offer:${legID}`]: OFFER } },
    );
  }
  return { kms, store };
}

/** What the worker said of a kind, with the store's time of each, ms. */
async function said(store: LogStore, type: string): Promise<readonly number[]> {
  const mails = await store.read({ kind: 'partition', partition: 3 }, '0', 10_000);
  return mails
    .filter(({ body }) => callCommand.parse(JSON.parse(body)).type === type)
    .map(({ id }) => Number(id.split('-')[0]));
}

const stateOf = async (store: LogStore) => {
  const beat = (await store.beats()).find(({ id }) => id === 'w1');
  return beat && workerInfo.parse(JSON.parse(beat.info)).state;
};

test('a media server is killed: half a second later the Calls of all its fifty know, and its worker takes none', async () => {
  const CALLS = 50;
  const { kms, store } = await startCalls(CALLS);
  await eventually('they are prepared', async () => (await said(store, 'LegAnswered')).length === CALLS, 20_000);
  const killedAt = await store.now();
  await kms.kill();
  await eventually('the worker does not serve', async () => (await stateOf(store)) === 'joining', 1_000);
  expect(await said(store, 'MediaFailed')).toEqual([]);
  await eventually('all are told', async () => (await said(store, 'MediaFailed')).length === CALLS);
  const times = await said(store, 'MediaFailed');
  const ms = Math.max(...times) - killedAt;
  console.log(`kill -9 of a media server with ${String(CALLS)} calls: the last is told after ${ms.toFixed(0)} ms`);
  expect(ms).toBeGreaterThan(500);
  expect(ms).toBeLessThan(2_000);
  expect(Math.max(...times) - Math.min(...times)).toBeLessThan(500);
  expect(await stateOf(store)).toBe('joining');
});
