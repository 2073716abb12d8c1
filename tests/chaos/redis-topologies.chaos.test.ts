/** A call with real media on every topology of Redis, whose master is killed in the middle: the talk goes on, and so does the service. */
import {
  eventually,
  mediaFlows,
  putInCall,
  startCluster,
  startRedisCluster,
  startSentinel,
  startTlsRedis,
  SyntheticUser,
  type Cluster,
  type RedisSite,
} from '@switchboard/testkit';
import { afterEach, expect, test } from 'vitest';

let cluster: Cluster<RedisSite> | undefined;
const users: SyntheticUser[] = [];
afterEach(async () => {
  await Promise.all(users.splice(0).map((user) => user.leave()));
  await cluster?.stop();
  cluster = undefined;
});

const join = async (gateway: number, name: string) => {
  if (cluster === undefined) throw new Error('no cluster');
  const user = await SyntheticUser.join(cluster.socket(gateway), name);
  users.push(user);
  return user;
};

async function connect(caller: SyntheticUser, callee: SyntheticUser): Promise<void> {
  await putInCall(caller, callee, 20_000);
  await mediaFlows(caller, callee);
}

async function hangUp(who: SyntheticUser, other: SyntheticUser): Promise<void> {
  who.stop();
  await other.socket.next('stopCommunication', 20_000);
}

/** Until a new call goes through: a gateway says `exception` as long as it cannot reach the log. */
const callsWork = (caller: SyntheticUser, callee: SyntheticUser) =>
  eventually(
    'a new call goes through',
    async () => {
      await caller.call(callee.userID);
      const ringing = await callee.socket.next('incomingCall', 2000).catch(() => undefined);
      if (ringing === undefined) return false;
      callee.reject(caller.userID);
      await caller.socket.next('callResponse', 5000);
      return true;
    },
    30_000,
  );

async function survives(site: RedisSite, killMaster: () => Promise<void>): Promise<void> {
  cluster = await startCluster({ redis: site, workers: 1, partitions: 6 });
  const [ann, ben, cid, dan] = await Promise.all([join(0, 'ann'), join(1, 'ben'), join(0, 'cid'), join(1, 'dan')]);
  await connect(ann, ben);
  await killMaster();
  await callsWork(cid, dan);
  await mediaFlows(ann, ben);
  for (const user of [ann, ben]) {
    const { audio, video } = user.stats();
    expect([audio.lost, video.lost]).toEqual([0, 0]);
  }
  await hangUp(ann, ben);
  await connect(ann, ben);
  await hangUp(ben, ann);
}

test('a single Redis over TLS with a password, killed and restarted', async () => {
  const site = await startTlsRedis('se:cr@t');
  await survives(site, async () => {
    await site.kill();
    await site.restart();
  });
});

test('Sentinel with passwords, the master killed', async () => {
  const site = await startSentinel({ password: 'pass', sentinelPassword: 'watch' });
  await survives(site, async () => {
    await (await site.master()).kill();
  });
});

test('Redis Cluster with a password, the master killed that holds the registry', async () => {
  const site = await startRedisCluster({ password: 'pass' });
  await survives(site, async () => {
    await (await site.masterOf('test:registry')).kill();
  });
});
