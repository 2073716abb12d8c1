/** Calls to users without a device, on the whole stack: with `OFFLINE_CALLEE=wake` a push service is told of them, else they end at once. */
import { connectRedisStore } from '@switchboard/event-log';
import { PUSH, pushMessage, type PushMessage } from '@switchboard/protocol';
import { eventually, startCluster, SyntheticUser, type Cluster } from '@switchboard/testkit';
import { afterEach, expect, test } from 'vitest';
import { checkLog } from './log-check.ts';

const RING_MS = 5000;

let cluster: Cluster;
let users: SyntheticUser[] = [];
afterEach(async () => {
  await Promise.all(users.map((user) => user.leave()));
  users = [];
  await eventually('no line is engaged', async () => (await checkLog(cluster)).engaged === 0);
  expect((await checkLog(cluster)).differences).toEqual([]);
  await cluster.stop();
});

async function join(name: string, gateway: number): Promise<SyntheticUser> {
  const user = await SyntheticUser.join(cluster.socket(gateway), name, { native: true });
  users.push(user);
  return user;
}

/** What a push service would read. */
async function pushed(): Promise<PushMessage[]> {
  const store = await connectRedisStore({ url: cluster.redis.url, namespace: cluster.namespace });
  const mails = await store.read({ kind: 'process', id: PUSH }, '0', 10);
  await store.close();
  return mails.map(({ body }) => pushMessage.parse(JSON.parse(body)));
}

/** `asked`: the moment before the call, ms since 1970; Redis runs on the same machine, and its time is carried on by another clock. */
function expectWake(message: PushMessage | undefined, asked: number): void {
  expect(message).toMatchObject({ type: 'call.wake', userID: 'ben', callerID: 'anna', media: 'video' });
  expect(message?.until).toBeGreaterThanOrEqual(asked + RING_MS - 100);
  expect(message?.until).toBeLessThanOrEqual(Date.now() + RING_MS + 100);
}

test('wake: the push service is told, and the callee who logs in then rings and is connected; or it rings out', async () => {
  cluster = await startCluster({
    workers: 1,
    orchestratorEnv: { OFFLINE_CALLEE: 'wake', RING_MS: String(RING_MS), GRACE_MS: '500' },
  });
  const anna = await join('anna', 0);
  const asked = Date.now();
  await anna.call('ben');
  const [wake] = await eventually('a push', async () => ((await pushed()).length > 0 ? pushed() : undefined));
  expectWake(wake, asked);

  const ben = await join('ben', 1);
  const { callID } = await ben.socket.next('incomingCall');
  expect(callID).toBe(wake?.callID);
  await ben.accept('anna', callID);
  expect(await anna.socket.next('callResponse')).toMatchObject({ callResponse: 'accepted', callID });
  await Promise.all([anna.talk(), ben.talk()]);
  await eventually('media on both sides', () => [anna, ben].every((each) => each.stats().video.received > 20));
  anna.stop();
  expect(await ben.socket.next('stopCommunication')).toMatchObject({ callID, reason: 'completed' });
  await ben.leave();
  await eventually('ben is offline', async () => (await checkLog(cluster)).lines === 1);

  const again = Date.now();
  await anna.call('ben');
  const end = await anna.socket.next('callResponse', RING_MS + 3000);
  expect(Date.now() - again).toBeGreaterThanOrEqual(RING_MS - 100);
  expect(end).toMatchObject({ reason: 'no_answer', endedBy: 'system', phase: 'inviting' });
  const [, second, ...more] = await pushed();
  expectWake(second, again);
  expect(second?.callID).toBe(end['callID']);
  expect(more).toEqual([]);
}, 120_000);

test('by default the call is over at once, and nobody is pushed', async () => {
  cluster = await startCluster({ gateways: 1, orchestrators: 1, workers: 0 });
  const anna = await join('anna', 0);
  await anna.call('ben');
  const end = await anna.socket.next('callResponse', 2000);
  expect(end).toMatchObject({ reason: 'unreachable', endedBy: 'system', phase: 'inviting' });
  expect(await pushed()).toEqual([]);
});
