/**
 * A client written only from the seed's messages: numeric IDs, no capabilities, candidates sent right after `call`. Each row
 * of protocol.md's table "What a seed client gets" is a test here, on the whole stack: sockets, log, media server, RTP.
 */
import { checkLog } from './log-check.ts';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  eventually,
  mediaFlows,
  pipelinesOf,
  RtpPeer,
  startCluster,
  SyntheticUser,
  type Cluster,
  type Frame,
} from '@switchboard/testkit';

const RING_MS = 4000;
/** Everything that the seed's page knows, field by field. */
const SEED_FIELDS: Record<string, readonly string[]> = {
  loginResponse: ['content', 'error'],
  callResponse: ['callResponse', 'sdpAnswer'],
  incomingCall: ['callerID'],
  startCommunication: ['sdpAnswer'],
  stopCommunication: [],
  iceCandidate: ['candidate'],
};

let cluster: Cluster;
let users: SyntheticUser[] = [];
let lastID = 0;

beforeAll(async () => {
  cluster = await startCluster({ orchestratorEnv: { RING_MS: String(RING_MS) } });
});
afterAll(async () => {
  expect((await checkLog(cluster)).differences).toEqual([]);
  await cluster.stop();
});
afterEach(async () => {
  const frames = users.flatMap(({ socket }) => socket.frames);
  await Promise.all(users.map((user) => user.leave()));
  users = [];
  for (const frame of frames) expectSeedFrame(frame);
});

function expectSeedFrame({ type, ...fields }: Frame): void {
  expect(Object.keys(SEED_FIELDS)).toContain(type);
  for (const field of Object.keys(fields)) expect(SEED_FIELDS[type], `${type}.${field}`).toContain(field);
}

/** A user that nobody else is, or a further device of one; devices alternate between the two gateways. */
async function join(userID: number = (lastID += 1)): Promise<SyntheticUser> {
  const user = await SyntheticUser.join(cluster.socket(users.length % 2), userID);
  users.push(user);
  return user;
}
const pair = async () => [await join(), await join()] as const;

async function ring(caller: SyntheticUser, callee: SyntheticUser): Promise<void> {
  await caller.call(callee.userID);
  const frame = await callee.socket.next('incomingCall');
  expect(frame).toEqual({ type: 'incomingCall', callerID: String(caller.userID) });
}

async function connect(caller: SyntheticUser, callee: SyntheticUser): Promise<void> {
  await ring(caller, callee);
  await callee.accept(caller.userID);
  expect(await caller.socket.next('callResponse')).toMatchObject({ callResponse: 'accepted' });
  await callee.socket.next('startCommunication');
  await Promise.all([caller.talk(), callee.talk()]);
}

/** Both can be called again: neither is left busy. */
async function expectFree(one: SyntheticUser, other: SyntheticUser): Promise<void> {
  await eventually('both are free', async () => {
    await one.call(other.userID);
    const answer = await Promise.race([
      other.socket.next('incomingCall', 2000),
      one.socket.next('callResponse', 2000).then(() => undefined),
    ]).catch(() => undefined);
    return answer;
  });
  one.stop();
  await other.socket.next('stopCommunication');
}

const types = (user: SyntheticUser) =>
  user.socket.frames.map(({ type }) => type).filter((type) => type !== 'iceCandidate');

describe('what a seed client gets', () => {
  test('a call that is accepted: accepted, startCommunication, media both ways, stopCommunication', async () => {
    const [caller, callee] = await pair();
    await connect(caller, callee);
    await mediaFlows(caller, callee);
    caller.stop();
    await callee.socket.next('stopCommunication');
    expect(types(caller)).toEqual(['callResponse']);
    expect(types(callee)).toEqual(['incomingCall', 'startCommunication', 'stopCommunication']);
  });

  test('the callee hangs up: the caller gets stopCommunication', async () => {
    const [caller, callee] = await pair();
    await connect(caller, callee);
    callee.stop();
    await caller.socket.next('stopCommunication');
    await expectFree(caller, callee);
  });

  test('a user who is not there: notOnline', async () => {
    const caller = await join();
    await caller.call(999_999);
    expect(await caller.socket.next('callResponse')).toEqual({ type: 'callResponse', callResponse: 'notOnline' });
  });

  test('it rings out: rejected, and stopCommunication', async () => {
    const [caller, callee] = await pair();
    await ring(caller, callee);
    expect(await caller.socket.next('callResponse', RING_MS + 3000)).toEqual({
      type: 'callResponse',
      callResponse: 'rejected',
    });
    await callee.socket.next('stopCommunication');
  });

  test('cancelled: stopCommunication, and nothing for the caller', async () => {
    const [caller, callee] = await pair();
    await ring(caller, callee);
    caller.stop();
    await callee.socket.next('stopCommunication');
    expect(types(caller)).toEqual([]);
  });

  test('the caller’s socket closes while it rings: stopCommunication', async () => {
    const [caller, callee] = await pair();
    await ring(caller, callee);
    caller.socket.terminate();
    await callee.socket.next('stopCommunication');
  });

  test('declined on one device: rejected; nothing there, stopCommunication on the others', async () => {
    const [caller, callee] = await pair();
    const second = await join(callee.userID as number);
    await ring(caller, callee);
    await second.socket.next('incomingCall');
    callee.reject(caller.userID);
    expect(await caller.socket.next('callResponse')).toEqual({ type: 'callResponse', callResponse: 'rejected' });
    await second.socket.next('stopCommunication');
    expect(types(callee)).toEqual(['incomingCall']);
  });

  test('accepted on one device: the others get stopCommunication, and what they say then is nothing', async () => {
    const [caller, callee] = await pair();
    const second = await join(callee.userID as number);
    await ring(caller, callee);
    await second.socket.next('incomingCall');
    await callee.accept(caller.userID);
    await second.socket.next('stopCommunication');
    await second.accept(caller.userID);
    second.reject(caller.userID);
    await Promise.all([caller.socket.next('callResponse'), callee.socket.next('startCommunication')]);
    await Promise.all([caller.talk(), callee.talk()]);
    await mediaFlows(caller, callee);
    expect(types(second)).toEqual(['incomingCall', 'stopCommunication']);
  });

  test('accepted or declined after the end: nothing more, he was told', async () => {
    const [caller, callee] = await pair();
    await ring(caller, callee);
    caller.stop();
    await callee.socket.next('stopCommunication');
    await callee.accept(caller.userID);
    callee.reject(caller.userID);
    await expectFree(caller, callee);
    expect(types(callee)).toEqual(['incomingCall', 'stopCommunication', 'incomingCall', 'stopCommunication']);
  });

  test('setup fails before the caller has its answer: exception, then stopCommunication; the callee stopCommunication', async () => {
    const [caller, callee] = await pair();
    const sdpOffer = 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio x y z\r\n';
    caller.socket.send({ type: 'call', callerID: caller.userID, calleeID: callee.userID, sdpOffer });
    expect(await caller.socket.next('callResponse')).toEqual({ type: 'callResponse', callResponse: 'exception' });
    await caller.socket.next('stopCommunication');
    await callee.socket.next('stopCommunication');
    await expectFree(caller, callee);
  });

  test('calls itself: rejected', async () => {
    const caller = await join();
    await caller.call(caller.userID);
    expect(await caller.socket.next('callResponse')).toEqual({ type: 'callResponse', callResponse: 'rejected' });
  });

  test('calls while engaged: isBusy, and the running call is untouched', async () => {
    const [caller, callee] = await pair();
    const third = await join();
    await connect(caller, callee);
    caller.socket.send({ type: 'call', callerID: caller.userID, calleeID: third.userID, sdpOffer: await offer() });
    expect(await caller.socket.next('callResponse')).toEqual({ type: 'callResponse', callResponse: 'isBusy' });
    await mediaFlows(caller, callee);
    expect(types(third)).toEqual([]);
    caller.stop();
    await callee.socket.next('stopCommunication');
  });

  test('stop without a call is ignored, and so is a candidate without one', async () => {
    const [caller, callee] = await pair();
    caller.stop();
    caller.socket.send({
      type: 'onIceCandidate',
      candidate: { candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0 },
    });
    await caller.socket.ping();
    expect(types(caller)).toEqual([]);
    await ring(caller, callee);
  });

  test('stop never ends a call that only rings here', async () => {
    const [caller, callee] = await pair();
    await ring(caller, callee);
    callee.stop();
    await callee.accept(caller.userID);
    await callee.socket.next('startCommunication');
  });
});

/** An offer of a connection that nobody uses. */
async function offer(): Promise<string> {
  const peer = new RtpPeer();
  const sdp = await peer.createOffer();
  peer.close();
  return sdp;
}

describe('what the seed gets wrong', () => {
  test('fault 1: identity is not what the payload says', async () => {
    const [one, other] = await pair();
    one.socket.send({ type: 'call', callerID: other.userID, calleeID: other.userID, sdpOffer: await offer() });
    expect(await one.socket.next('callResponse')).toEqual({ type: 'callResponse', callResponse: 'exception' });
    await other.socket.ping();
    expect(types(other)).toEqual([]);
  });

  test('fault 2: two callers do not ring one callee, and nobody calls from within a call', async () => {
    const [first, callee] = await pair();
    const second = await join();
    await ring(first, callee);
    await second.call(callee.userID);
    expect(await second.socket.next('callResponse')).toEqual({ type: 'callResponse', callResponse: 'isBusy' });
    await callee.accept(first.userID);
    await callee.socket.next('startCommunication');
    expect(types(callee)).toEqual(['incomingCall', 'startCommunication']);
  });

  test('fault 3: a caller who cancels or vanishes leaves nobody ringing, and is not busy', async () => {
    const [caller, callee] = await pair();
    await ring(caller, callee);
    caller.stop();
    await callee.socket.next('stopCommunication');
    await expectFree(callee, caller);
    await ring(caller, callee);
    caller.socket.terminate();
    await callee.socket.next('stopCommunication');
    const again = await join(caller.userID as number);
    await expectFree(again, callee);
  });

  test('fault 4: a failed media setup leaves nobody busy', async () => {
    const [caller, callee] = await pair();
    await ring(caller, callee);
    const sdpOffer = 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio x y z\r\n';
    callee.socket.send({ type: 'incomingCallResponse', callerID: caller.userID, callResponse: 'accepted', sdpOffer });
    await Promise.all([caller.socket.next('stopCommunication'), callee.socket.next('stopCommunication')]);
    await expectFree(callee, caller);
  });

  test('fault 5: a second login steals nothing, and the first one’s close takes nobody offline', async () => {
    const [caller, callee] = await pair();
    const second = await join(callee.userID as number);
    await callee.leave();
    await ring(caller, second);
    await second.accept(caller.userID);
    await caller.socket.next('callResponse');
    await second.socket.next('startCommunication');
  });

  test('fault 6: an answer after the caller left crashes nothing', async () => {
    const [caller, callee] = await pair();
    await ring(caller, callee);
    caller.socket.terminate();
    await callee.accept(caller.userID);
    await callee.socket.next('stopCommunication');
    const again = await join();
    await expectFree(again, callee);
  });

  test('fault 7: a hang-up frees nobody else', async () => {
    const [caller, callee] = await pair();
    const third = await join();
    await connect(caller, callee);
    await third.call(callee.userID);
    await third.socket.next('callResponse');
    third.stop();
    await third.socket.ping();
    await third.call(callee.userID);
    expect(await third.socket.next('callResponse')).toEqual({ type: 'callResponse', callResponse: 'isBusy' });
    await mediaFlows(caller, callee);
  });

  test('fault 8: it rings out, and calls are spread over two media servers', async () => {
    const pairs = [await pair(), await pair(), await pair(), await pair()];
    for (const [caller, callee] of pairs) await connect(caller, callee);
    const held = await Promise.all(cluster.mediaServers.map(({ details }) => pipelinesOf(String(details['url']))));
    expect(Math.min(...held.map(({ length }) => length))).toBeGreaterThan(0);
  });
});
