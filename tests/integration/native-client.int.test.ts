/**
 * What a native client can do beyond the seed's, at the level of the wire and on the whole stack: real sockets on two gateways,
 * the log in Redis, a media server, RTP that is counted.
 */
import {
  eventually,
  mediaFlows,
  pipelinesOf,
  SocketClient,
  startCluster,
  SyntheticUser,
  type Cluster,
} from '@switchboard/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { checkLog } from './log-check.ts';

const GRACE_MS = 3000;
const RING_MS = 6000;

let cluster: Cluster;
let users: SyntheticUser[] = [];
let sockets: SocketClient[] = [];
let names = 0;

beforeAll(async () => {
  const orchestratorEnv = { GRACE_MS: String(GRACE_MS), RING_MS: String(RING_MS), SETUP_MS: '5000' };
  cluster = await startCluster({ workers: 1, orchestratorEnv });
});
afterAll(async () => {
  await eventually('no line is engaged', async () => (await checkLog(cluster)).engaged === 0, RING_MS + 5000);
  await eventually('no pipeline is left', async () => (await pipelines()).length === 0);
  expect((await checkLog(cluster)).differences).toEqual([]);
  await cluster.stop();
});
afterEach(async () => {
  await Promise.all([...users.map((user) => user.leave()), ...sockets.map((socket) => socket.close())]);
  users = [];
  sockets = [];
});

const pipelines = async () =>
  (await Promise.all(cluster.mediaServers.map(({ details }) => pipelinesOf(String(details['url']))))).flat();
const newName = (who: string) => `${who}-${String((names += 1))}`;

async function join(name = newName('user'), gateway = users.length % 2, native = true): Promise<SyntheticUser> {
  const user = await SyntheticUser.join(cluster.socket(gateway), name, { native });
  users.push(user);
  return user;
}

async function ring(): Promise<{ caller: SyntheticUser; callee: SyntheticUser; callID: string }> {
  const [caller, callee] = [await join(newName('anna')), await join(newName('ben'))];
  await caller.call(callee.userID);
  const { callID } = await callee.socket.next('incomingCall');
  callee.socket.send({ type: 'ringing', callID });
  return { caller, callee, callID: String(callID) };
}

async function connect() {
  const call = await ring();
  const { caller, callee, callID } = call;
  await callee.accept(caller.userID, callID);
  await Promise.all([caller.talk(), callee.talk()]);
  for (const { socket } of [caller, callee]) await reaches(socket, 'connected');
  return call;
}

const reaches = (socket: SocketClient, phase: string) =>
  eventually(`the call is ${phase}`, () =>
    socket.frames.some((frame) => frame.type === 'callProgress' && frame['phase'] === phase),
  );
describe('resume', () => {
  test('a socket that breaks in a call comes back on the other gateway; no packet is lost, the peer is told', async () => {
    const { caller, callee, callID } = await connect();
    await mediaFlows(caller, callee);
    const sent = caller.stats().video.lastNumber;
    caller.socket.terminate();
    expect(await callee.socket.next('peerState')).toMatchObject({ callID, state: 'reconnecting' });
    expect(await caller.resume(cluster.socket(1))).toMatchObject({ content: 'accepted', callID, graceMs: GRACE_MS });
    const peer = String(callee.userID);
    expect(await caller.socket.next('callState')).toMatchObject({ callID, phase: 'connected', role: 'caller', peer });
    expect(await callee.socket.next('peerState')).toMatchObject({ callID, state: 'reconnected' });
    await mediaFlows(caller, callee);
    for (const user of [caller, callee]) expect(user.stats().video.lost).toBe(0);
    expect(caller.stats().video.lastNumber).toBeGreaterThan(sent);
    caller.socket.send({ type: 'stop', callID });
    expect(await callee.socket.next('stopCommunication')).toMatchObject({ callID, reason: 'completed' });
  });

  test('who does not come back in time has lost the connection', async () => {
    const { caller, callee, callID } = await connect();
    callee.socket.terminate();
    const end = await caller.socket.next('stopCommunication', GRACE_MS + 3000);
    expect(end).toMatchObject({ callID, reason: 'connection_lost', endedBy: 'callee', phase: 'connected' });
    expect(await callee.resume(cluster.socket(0), { calls: [callID] })).not.toHaveProperty('callID');
    expect(await callee.socket.next('stopCommunication')).toMatchObject({ callID, reason: 'connection_lost' });
  });

  test('a caller whose socket breaks while it rings comes back and is answered', async () => {
    const { caller, callee, callID } = await ring();
    await reaches(caller.socket, 'ringing');
    caller.socket.terminate();
    await callee.accept(caller.userID, callID);
    await caller.resume(cluster.socket(1));
    await caller.socket.next('callState');
    await Promise.all([caller.talk(), callee.talk()]);
    await mediaFlows(caller, callee);
    caller.socket.send({ type: 'stop', callID });
  });

  test('a callee whose socket breaks while it rings rings again when it is back', async () => {
    const { caller, callee, callID } = await ring();
    callee.socket.terminate();
    await callee.resume(cluster.socket(0));
    expect(await callee.socket.next('incomingCall')).toMatchObject({ callID });
    await callee.accept(caller.userID, callID);
    await Promise.all([caller.talk(), callee.talk()]);
    caller.socket.send({ type: 'stop', callID });
    await callee.socket.next('stopCommunication');
  });

  test('a session that is taken over: its old socket is closed with 4001, and its close changes nothing', async () => {
    const { caller, callee, callID } = await connect();
    const old = caller.socket;
    await caller.resume(cluster.socket(0));
    expect(await old.closed()).toEqual({ code: 4001 });
    await mediaFlows(caller, callee);
    expect(callee.socket.frames.filter(({ type }) => type === 'stopCommunication')).toEqual([]);
    caller.socket.send({ type: 'stop', callID });
    await callee.socket.next('stopCommunication');
  });

  test('a page that is reloaded in a call gets it back: its leg is made anew, the peer never leaves', async () => {
    const { caller, callee, callID } = await connect();
    caller.socket.terminate();
    await caller.resume(cluster.socket(1), { fresh: true });
    expect(await caller.socket.next('renegotiate')).toMatchObject({ callID, cause: 'reload' });
    await caller.socket.next('renegotiated');
    await caller.talk();
    await mediaFlows(caller, callee);
    expect(callee.socket.frames.filter(({ type }) => type === 'renegotiate')).toEqual([]);
    expect(await pipelines()).toHaveLength(1);
    callee.socket.send({ type: 'stop', callID });
    await caller.socket.next('stopCommunication');
  });

  test('a session that nobody knows becomes a new one', async () => {
    const user = await join();
    await user.leave();
    await eventually('the user is gone', async () => (await checkLog(cluster)).lines === 0, GRACE_MS + 3000);
    const before = user.socket.frames[0]?.['sessionID'];
    const response = await user.resume(cluster.socket(1));
    expect(response['sessionID']).not.toBe(before);
  });
});

describe('two calls that are one', () => {
  test('who call each other are connected at once, and both are told one callID', async () => {
    const [anna, ben] = [await join(newName('anna'), 0), await join(newName('ben'), 1)];
    await Promise.all([anna.call(ben.userID), ben.call(anna.userID)]);
    const answers = await Promise.all([anna, ben].map(({ socket }) => socket.next('callResponse')));
    expect(answers.map((frame) => frame['callResponse'])).toEqual(['accepted', 'accepted']);
    expect(new Set(answers.map((frame) => frame['callID'])).size).toBe(1);
    await Promise.all([anna.talk(), ben.talk()]);
    await mediaFlows(anna, ben);
    expect((await checkLog(cluster)).reasons).not.toContain('busy');
    anna.socket.send({ type: 'stop', callID: answers[0]?.['callID'] });
    await ben.socket.next('stopCommunication');
  });

  test('seed clients who call each other both get accepted, each on his own offer', async () => {
    const [anna, ben] = [await join(newName('anna'), 0, false), await join(newName('ben'), 1, false)];
    await Promise.all([anna.call(ben.userID), ben.call(anna.userID)]);
    for (const { socket } of [anna, ben]) {
      expect(await socket.next('callResponse')).toMatchObject({ callResponse: 'accepted' });
    }
    await Promise.all([anna.talk(), ben.talk()]);
    await mediaFlows(anna, ben);
    anna.stop();
    await ben.socket.next('stopCommunication');
  });

  test('who calls the one who rings here accepts his call', async () => {
    const { caller, callee, callID } = await ring();
    await callee.call(caller.userID);
    expect(await caller.socket.next('callResponse')).toMatchObject({ callResponse: 'accepted', callID });
    expect(await callee.socket.next('callResponse')).toMatchObject({ callResponse: 'accepted', callID });
    await Promise.all([caller.talk(), callee.talk()]);
    caller.socket.send({ type: 'stop', callID });
    await callee.socket.next('stopCommunication');
  });

  test('the same request is one call, also on another socket', async () => {
    const [anna, ben] = [await join(newName('anna')), await join(newName('ben'))];
    const request = { requestID: 'r-1', legID: 'leg-1' };
    await anna.call(ben.userID, request);
    const { callID } = await ben.socket.next('incomingCall');
    anna.socket.terminate();
    await anna.resume(cluster.socket(1));
    await anna.call(ben.userID, request);
    expect(await anna.socket.next('callState')).toMatchObject({ callID });
    expect(ben.socket.frames.filter(({ type }) => type === 'incomingCall')).toHaveLength(1);
    anna.socket.send({ type: 'stop', callID });
    expect(await ben.socket.next('stopCommunication')).toMatchObject({ callID, reason: 'cancelled' });
  });
});

describe('presence and media states', () => {
  test('online, busy, away and offline are pushed to who watches', async () => {
    const watcher = await SocketClient.connect(cluster.socket(0));
    sockets.push(watcher);
    watcher.send({ type: 'login', userID: newName('watcher'), capabilities: ['native'] });
    await watcher.next('loginResponse');
    const name = newName('ben');
    const sees = async (state: string, withinMs?: number) =>
      expect(await watcher.next('presenceChanged', withinMs)).toMatchObject({ userID: name, state });
    watcher.send({ type: 'presence', userIDs: [name] });
    await sees('offline');
    const ben = await join(name, 1);
    await sees('online');
    ben.socket.send({ type: 'setPresence', state: 'away' });
    await sees('away');
    const anna = await join();
    await anna.call(name);
    await sees('busy');
    anna.socket.send({ type: 'stop' });
    await sees('away');
    ben.socket.terminate();
    await sees('offline', GRACE_MS + 3000);
  });

  test('mute and camera are shown to the peer, and in the state after a resume', async () => {
    const { caller, callee, callID } = await connect();
    const shown = { audio: false, video: true, screen: true };
    caller.socket.send({ type: 'mediaState', callID, ...shown });
    expect(await callee.socket.next('mediaState')).toMatchObject({ callID, ...shown });
    callee.socket.terminate();
    await callee.resume(cluster.socket(0));
    expect(await callee.socket.next('callState')).toMatchObject({ callID, peerMedia: shown });
    caller.socket.send({ type: 'stop', callID });
    await callee.socket.next('stopCommunication');
  });
});
