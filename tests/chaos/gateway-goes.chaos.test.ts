/**
 * Gateways may come and go: real processes, real media, sockets that are followed by others as the SDK's are. Whatever becomes
 * of a gateway, nobody is told that his call ended, and no packet is lost.
 */
import {
  Crowd,
  eventually,
  mediaFlows,
  percentile,
  startCluster,
  SyntheticUser,
  type Cluster,
  type ServiceProcess,
} from '@switchboard/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { checkLog } from '../integration/log-check.ts';
import { connect, Follower } from './follower.ts';

const CALLS = 3;
/** More are for the bench (bench/reconnect-storm.mjs): here clients and gateways share two cores. */
const CROWD = 100;
/** From the moment at which a client may go until it is back (issue 4), with default settings. */
const BACK_MS = 2000;

let cluster: Cluster;
let followers: Follower[] = [];
let crowds: Crowd[] = [];
let names = 0;

beforeAll(async () => {
  cluster = await startCluster({ workers: 1 });
});
afterAll(() => cluster.stop());
afterEach(async () => {
  for (const { user } of followers) user.stop();
  for (const crowd of crowds) crowd.leave();
  await eventually('no call lives', async () => (await checkLog(cluster)).liveCalls === 0, 20_000);
  await Promise.all(followers.map((each) => each.leave()));
  followers = [];
  crowds = [];
  await eventually('the log tells what the state is', async () => (await checkLog(cluster)).differences.length === 0);
});

const newName = (who: string) => `${who}-${String((names += 1))}`;
const gateway = (index: number) => cluster.gateways[index] as ServiceProcess;

async function join(at: number, who = 'user'): Promise<Follower> {
  const follower = await Follower.join(cluster, newName(who), at);
  followers.push(follower);
  return follower;
}

async function crowdAt(at: number, count: number): Promise<Crowd> {
  const gateways = [cluster.page(at), cluster.page(1 - at)];
  const crowd = await Crowd.join({ gateways, count, name: newName('crowd') });
  crowds.push(crowd);
  return crowd;
}

/** Calls whose callers are at one gateway and whose callees at the other. */
async function talks(callersAt: number): Promise<{ callers: Follower[]; callees: Follower[] }> {
  const pairs = Array.from({ length: CALLS }, async () => {
    const [caller, callee] = [await join(callersAt, 'anna'), await join(1 - callersAt, 'ben')];
    await connect(caller, callee);
    return { caller, callee };
  });
  const all = await Promise.all(pairs);
  return { callers: all.map(({ caller }) => caller), callees: all.map(({ callee }) => callee) };
}

async function expectUntouched(all: readonly Follower[]): Promise<void> {
  await mediaFlows(...all.map(({ user }) => user));
  expect(all.map(({ lostPackets }) => lostPackets)).toEqual(all.map(() => 0));
  expect(all.flatMap((each) => [...each.of('stopCommunication'), ...each.of('error')])).toEqual([]);
  expect(all.flatMap((each) => each.of('callResponse')).map((frame) => frame['callResponse'])).not.toContain(
    'exception',
  );
}

const allMoved = (all: readonly Follower[]) =>
  eventually('all have moved', () => all.every(({ moves }) => moves.length === 1), 20_000);
const slowest = (all: readonly Follower[]) =>
  Math.max(...all.flatMap(({ moves }) => moves.map(({ tookMs }) => tookMs)));

describe('SIGTERM of a gateway', () => {
  test('moves its clients to the other one; no call notices, and who is no native client is closed at the end', async () => {
    const { callers, callees } = await talks(0);
    const crowd = await crowdAt(0, 40);
    const old = await SyntheticUser.join(cluster.socket(0), newName('seed'));
    const since = performance.now();
    const exit = gateway(0).stop();
    await allMoved(callers);
    expect(callers.map(({ moves }) => moves[0]?.why)).toEqual(callers.map(() => 'told'));
    expect(slowest(callers)).toBeLessThan(BACK_MS);
    await crowd.movedFrom(cluster.page(0), since, 10_000);
    expect({ lost: crowd.lostSessions, refused: crowd.refusals }).toEqual({ lost: 0, refused: [] });
    expect(await old.socket.closed()).toEqual({ code: 1012 });
    expect(await exit).toBe(0);
    expect(callees.flatMap((each) => each.of('peerState'))).toEqual([]);
    await expectUntouched([...callers, ...callees]);
    await cluster.restart(gateway(0));
  });
});

describe('kill -9 of a gateway', () => {
  test('in calls and while it rings: its clients are back at the other one at once', async () => {
    const { callers, callees } = await talks(1);
    const [anna, ben] = [await join(0, 'anna'), await join(1, 'ben')];
    await anna.user.call(ben.user.userID);
    const { callID } = await ben.user.socket.next('incomingCall');
    await gateway(1).kill();
    await allMoved([...callers, ben]);
    expect(slowest([...callers, ben])).toBeLessThan(BACK_MS);
    expect(await ben.user.socket.next('incomingCall')).toMatchObject({ callID });
    await ben.user.accept(anna.user.userID, callID);
    await Promise.all([anna.user.talk(), ben.user.talk()]);
    await expectUntouched([...callers, ...callees, anna, ben]);
    for (const callee of callees) {
      expect(['', 'reconnected']).toContain(String(callee.of('peerState').at(-1)?.['state'] ?? ''));
    }
    await cluster.restart(gateway(1));
  });

  test('with a hundred clients: all are back in their sessions, and meanwhile the other gateway serves', async () => {
    const crowd = await crowdAt(0, CROWD);
    const [anna, ben] = [await join(1), await join(1)];
    const since = performance.now();
    await gateway(0).kill();
    const [movedMs] = await Promise.all([crowd.movedFrom(cluster.page(0), since, 60_000), connect(anna, ben)]);
    expect({ lost: crowd.lostSessions, refused: crowd.refusals }).toEqual({ lost: 0, refused: [] });
    expect(movedMs).toHaveLength(CROWD);
    console.log(
      `${String(CROWD)} clients back after p50 ${percentile(movedMs, 0.5).toFixed(0)}, p99 ${percentile(movedMs, 0.99).toFixed(0)} ms`,
    );
    await cluster.restart(gateway(0));
  });
});

describe('a gateway that was frozen for 6 s', () => {
  test('was taken for dead, finds out by itself and starts over; its clients come back', async () => {
    const { callers, callees } = await talks(1);
    gateway(1).signal('SIGSTOP');
    await eventually('the peers hear of it', () => callees.every((each) => each.of('peerState').length > 0));
    await new Promise((resolve) => setTimeout(resolve, 2500));
    gateway(1).signal('SIGCONT');
    expect(await gateway(1).exited()).toBe(1);
    await allMoved(callers);
    await expectUntouched([...callers, ...callees]);
    await cluster.restart(gateway(1));
  });
});

describe('kill -9 and restart of Redis', () => {
  test('costs no socket and no call; new calls are refused meanwhile', async () => {
    const { callers, callees } = await talks(0);
    const anna = await join(1);
    await cluster.redis.kill();
    await anna.user.call(newName('nobody'));
    expect(await anna.user.socket.next('error')).toMatchObject({ code: 'service_unavailable', re: 'call' });
    await new Promise((resolve) => setTimeout(resolve, 4000));
    await cluster.redis.restart();
    await eventually('both gateways are ready', () =>
      Promise.all([0, 1].map(isReady)).then((all) => all.every(Boolean)),
    );
    await expectUntouched([...callers, ...callees]);
    expect([anna, ...callers, ...callees].flatMap(({ moves }) => moves)).toEqual([]);
    expect((await checkLog(cluster)).connected).toBe(CALLS);
    for (const caller of callers) caller.user.socket.send({ type: 'stop' });
    for (const callee of callees) {
      expect(await callee.user.socket.next('stopCommunication')).toMatchObject({ reason: 'completed' });
    }
  });
});

async function isReady(index: number): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${String(gateway(index).details['healthPort'])}/readyz`)).ok;
}
