/** Real media: two WebRTC peers talk through the running server. */
import { eventually } from '@switchboard/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startMediaServer, type RunningServer } from '../src/index.ts';
import { connectBoth, newCall, newLeg, type TestLeg } from './call.ts';
import { RpcClient } from './rpc-client.ts';

let server: RunningServer;
let client: RpcClient;
const peers: TestLeg[] = [];

beforeAll(async () => {
  server = await startMediaServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  client = await RpcClient.open(server.url);
});
afterEach(async () => {
  for (const { peer } of peers.splice(0)) peer.close();
  for (const object of (await client.invoke('manager_ServerManager', 'getPipelines')) as string[]) {
    await client.request('release', { object });
  }
  await client.close();
  expect(server.stats()).toMatchObject({ pipelines: 0, endpoints: 0 });
});

async function call(...options: Parameters<typeof newCall> extends [unknown, ...infer Rest] ? Rest : never) {
  const made = await newCall(client, ...options);
  peers.push(made.left, made.right);
  return made;
}

type Kind = 'audio' | 'video';
const received = ({ peer }: TestLeg, kind: Kind) => peer.stats()[kind].received;
const hears = (leg: TestLeg, kind: Kind, more: number) =>
  eventually(`more than ${more} packets of ${kind}`, () => received(leg, kind) > more);
const hasSent = ({ peer }: TestLeg, more: number) =>
  eventually(`more than ${more} packets sent`, () => peer.stats().video.sent > more);
/** The last packet that `from` sent. */
const hearsAll = (leg: TestLeg, from: TestLeg) =>
  eventually('the last packet', () => leg.peer.stats().video.lastNumber === from.peer.stats().video.sent - 1);

test('media arrives both ways under the SSRCs and payload types of the receiver, without loss', async () => {
  const { left, right } = await call(
    { payloadTypes: { opus: 111, vp8: 96, rtx: 97 } },
    { payloadTypes: { opus: 109, vp8: 120, rtx: 124 }, extensionIds: { mid: 9, transportCc: 2 } },
  );
  await connectBoth(client, left, right);
  for (const { peer } of [left, right]) peer.startSending({ videoPps: 100, audioPps: 50 });
  for (const leg of [left, right]) await Promise.all([hears(leg, 'video', 100), hears(leg, 'audio', 50)]);
  for (const { peer } of [left, right]) peer.stopSending();
  await hearsAll(left, right);
  await hearsAll(right, left);
  for (const [to, from] of [
    [left, right],
    [right, left],
  ] as const) {
    for (const kind of ['audio', 'video'] as const) {
      const stats = to.peer.stats()[kind];
      expect(stats).toMatchObject({ lost: 0, duplicates: 0, unexpected: 0, firstNumber: 0 });
      expect(stats.received).toBe(from.peer.stats()[kind].sent);
    }
  }
});

test('the server begins DTLS where it may', async () => {
  const { left, right } = await call({ setup: 'actpass' }, { setup: 'active' });
  expect([left.answer, right.answer].map((answer) => /a=setup:(\w+)/.exec(answer)?.[1])).toEqual(['active', 'passive']);
});

test('nothing arrives before connect', async () => {
  const { left, right } = await call();
  left.peer.startSending({ videoPps: 50, audioPps: 50 });
  await client.subscribe(left.endpoint, 'MediaFlowOutStateChanged');
  const flowsOut = () => client.invoke(left.endpoint, 'isMediaFlowingOut', { mediaType: 'VIDEO' });
  await eventually('media flows in', flowsOut);
  await hasSent(left, 20);
  expect(right.peer.stats()).toMatchObject({
    audio: { received: 0, unexpected: 0 },
    video: { received: 0, unexpected: 0 },
  });
});

test('a sink connected in the middle gets the frames since the key frame first', async () => {
  const { left, right } = await call();
  left.peer.startSending({ videoPps: 50 });
  await hasSent(left, 20);
  await client.invoke(left.endpoint, 'connect', { sink: right.endpoint });
  await hears(right, 'video', 20);
  expect(right.peer.stats()).toMatchObject({ beganWithKeyFrame: true, video: { lost: 0, duplicates: 0 } });
});

test('connecting asks the sender for exactly one key frame', async () => {
  const { left, right } = await call();
  left.peer.startSending({ videoPps: 50 });
  await hasSent(left, 5);
  await client.invoke(left.endpoint, 'connect', { sink: right.endpoint });
  await hears(right, 'video', 30);
  expect(left.peer.stats().keyFrameRequests).toBe(1);
});

test('disconnect stops media at once, connect again brings it back in order', async () => {
  const { left, right } = await call();
  await connectBoth(client, left, right);
  left.peer.startSending({ videoPps: 100, audioPps: 50 });
  await hears(right, 'video', 10);
  await client.invoke(left.endpoint, 'disconnect', { sink: right.endpoint });
  const stopped = right.peer.stats();
  const sent = left.peer.stats().video.sent;
  await hasSent(left, sent + 50);
  // What was on its way when the answer came may still have arrived.
  expect(right.peer.stats().video.received - stopped.video.received).toBeLessThan(5);
  await client.invoke(left.endpoint, 'connect', { sink: right.endpoint });
  const before = received(right, 'video');
  await hears(right, 'video', before + 20);
  expect(right.peer.stats().video.unexpected).toBe(0);
});

test('releasing the pipeline stops media and leaves nothing behind', async () => {
  const { pipeline, left, right } = await call();
  await connectBoth(client, left, right);
  left.peer.startSending({ videoPps: 100 });
  await hears(right, 'video', 10);
  await client.request('release', { object: pipeline });
  expect(server.stats()).toMatchObject({ pipelines: 0, endpoints: 0, connected: 0 });
  const before = received(right, 'video');
  const sent = left.peer.stats().video.sent;
  await hasSent(left, sent + 50);
  expect(received(right, 'video') - before).toBeLessThan(5);
});

test('a lost packet is asked for by NACK and comes as a retransmission', async () => {
  const { left, right } = await call({}, { nack: true, payloadTypes: { opus: 109, vp8: 120, rtx: 124 } });
  await connectBoth(client, left, right);
  left.peer.startSending({ videoPps: 100 });
  await hears(right, 'video', 10);
  left.peer.dropNext('video', 3);
  await eventually('three come again', () => right.peer.stats().video.recovered === 3);
  expect(left.peer.stats().nacksReceived).toBeGreaterThan(0);
  expect(right.peer.stats().video).toMatchObject({ lost: 0, unexpected: 0 });
});

test('a request for a key frame reaches the sender', async () => {
  const { left, right } = await call();
  await connectBoth(client, left, right);
  left.peer.startSending({ videoPps: 50 });
  await hears(right, 'video', 20);
  const before = left.peer.stats().keyFrameRequests;
  right.peer.requestKeyFrame();
  await eventually('it is asked', () => left.peer.stats().keyFrameRequests > before);
});

test('a leg replaced in the middle of a call goes on without a jump for the other side', async () => {
  const { pipeline, left, right } = await call({}, { nack: true });
  await connectBoth(client, left, right);
  left.peer.startSending({ videoPps: 100 });
  await hears(right, 'video', 20);
  const second = await newLeg(client, pipeline);
  peers.push(second);
  await second.peer.waitConnected(10_000);
  await client.request('release', { object: left.endpoint });
  left.peer.stopSending();
  await client.invoke(second.endpoint, 'connect', { sink: right.endpoint });
  const nacks = right.peer.stats().nacksSent;
  second.peer.startSending({ videoPps: 100 });
  await eventually('120 packets', () => right.peer.stats().video.duplicates + received(right, 'video') > 120);
  expect(right.peer.stats()).toMatchObject({ nacksSent: nacks, video: { unexpected: 0 } });
});

test('an offer without SSRCs is relayed as well', async () => {
  const { left, right } = await call({ withoutSsrcs: true }, {});
  await connectBoth(client, left, right);
  left.peer.startSending({ videoPps: 50, audioPps: 50 });
  await Promise.all([hears(right, 'video', 20), hears(right, 'audio', 20)]);
});

test('a peer that only receives sends nothing, an audio call has no video', async () => {
  const { left, right } = await call({ kinds: ['audio'] }, { kinds: ['audio'], direction: 'recvonly' });
  expect(right.answer).toContain('a=sendonly');
  await connectBoth(client, left, right);
  for (const { peer } of [left, right]) peer.startSending({ audioPps: 50 });
  await hears(right, 'audio', 20);
  expect(left.peer.stats().audio).toMatchObject({ received: 0, unexpected: 0 });
});

test('flow and connection are told as events', async () => {
  const pipeline = await client.create('MediaPipeline');
  const left = await newLeg(client, pipeline);
  const right = await newLeg(client, pipeline);
  peers.push(left, right);
  const events = ['ConnectionStateChanged', 'MediaStateChanged', 'MediaFlowInStateChanged', 'MediaFlowOutStateChanged'];
  await client.subscribe(right.endpoint, ...events, 'NewCandidatePairSelected', 'IceComponentStateChanged');
  await Promise.all([left.peer.waitConnected(10_000), right.peer.waitConnected(10_000)]);
  await connectBoth(client, left, right);
  for (const { peer } of [left, right]) peer.startSending({ videoPps: 50 });
  const seen = (type: string, field: string, value: string) =>
    eventually(`${type} ${value}`, () =>
      client.events.some(
        (event) => event.object === right.endpoint && event.type === type && event.data[field] === value,
      ),
    );
  await seen('MediaFlowInStateChanged', 'state', 'FLOWING');
  await seen('MediaFlowOutStateChanged', 'state', 'FLOWING');
  await seen('MediaStateChanged', 'newState', 'CONNECTED');
  left.peer.stopSending();
  await seen('MediaFlowInStateChanged', 'state', 'NOT_FLOWING');
});
