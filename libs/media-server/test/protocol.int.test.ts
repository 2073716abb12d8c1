/** What clients rely on beyond the recordings: repeated requests, sessions that come and go, bounds. */
import { eventually, RtpPeer } from '@switchboard/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startMediaServer, type RunningServer } from '../src/index.ts';
import { newLeg } from './call.ts';
import { RpcClient } from './rpc-client.ts';

const GRACE_MS = 300;
let server: RunningServer;
const clients: RpcClient[] = [];

beforeAll(async () => {
  server = await startMediaServer({ sessionGraceMs: GRACE_MS });
});
afterAll(() => server.close());
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await eventually('everything expired', () => server.stats().sessions === 0 && server.stats().pipelines === 0, 3000);
});

async function open(): Promise<RpcClient> {
  const client = await RpcClient.open(server.url);
  clients.push(client);
  return client;
}

const failure = (type: string, code: number) => expect.objectContaining({ type, code });

test('a request repeated under its id is done once and answered alike', async () => {
  const client = await open();
  await client.request('connect');
  const first = await client.request('create', { type: 'MediaPipeline' }, 777);
  const second = await client.request('create', { type: 'MediaPipeline' }, 777);
  expect(second).toEqual(first);
  expect(server.stats().pipelines).toBe(1);
});

test('a repeated request in flight is done once too', async () => {
  const client = await open();
  await client.request('connect');
  const ask = () =>
    client.request(
      'invoke',
      { object: 'manager_ServerManager', operation: 'getUsedCpu', operationParams: { interval: 50 } },
      778,
    );
  void ask().catch(() => undefined);
  expect(await ask()).toMatchObject({ value: expect.any(Number) });
});

test('objects outlive the socket, and another session that describes them takes them over', async () => {
  const before = await open();
  const pipeline = await before.create('MediaPipeline');
  const left = await before.create('WebRtcEndpoint', { mediaPipeline: pipeline });
  const right = await before.create('WebRtcEndpoint', { mediaPipeline: pipeline });
  await before.invoke(left, 'addTag', { key: 'call', value: '7' });
  await before.close();
  const after = await open();
  expect(await after.invoke('manager_ServerManager', 'getPipelines')).toEqual([pipeline]);
  await after.request('describe', { object: left });
  // The session that is gone lets go of what nobody took: the right leg.
  await eventually('one endpoint is left', () => server.stats().endpoints === 1, 3000);
  expect(await after.invoke(left, 'getTag', { key: 'call' })).toBe('7');
  await expect(after.invoke(right, 'getName')).rejects.toEqual(failure('MEDIA_OBJECT_NOT_FOUND', 40101));
  expect(server.stats().pipelines).toBe(1);
});

test('a new socket takes its old session back, with its subscriptions', async () => {
  const before = await open();
  const pipeline = await before.create('MediaPipeline');
  const [left, right] = [
    await before.create('WebRtcEndpoint', { mediaPipeline: pipeline }),
    await before.create('WebRtcEndpoint', { mediaPipeline: pipeline }),
  ];
  await before.subscribe(left, 'ElementConnected');
  const { sessionId } = before;
  await before.close();
  const after = await open();
  expect(await after.request('connect', { sessionId })).toMatchObject({ sessionId });
  await after.invoke(left, 'connect', { sink: right });
  expect(after.events.map(({ data }) => data['mediaType']).sort()).toEqual(['AUDIO', 'DATA', 'VIDEO']);
});

test('a session with a living socket is not given away', async () => {
  const [one, two] = [await open(), await open()];
  await one.request('connect');
  await expect(two.request('connect', { sessionId: one.sessionId })).rejects.toEqual(failure('INVALID_SESSION', 40007));
});

test('a sink that is no media element is refused, and the server lives on', async () => {
  const client = await open();
  const pipeline = await client.create('MediaPipeline');
  const endpoint = await client.create('WebRtcEndpoint', { mediaPipeline: pipeline });
  for (const sink of [pipeline, 'manager_ServerManager']) {
    await expect(client.invoke(endpoint, 'connect', { sink })).rejects.toEqual(failure('MARSHALL_ERROR', 40001));
  }
  expect(await client.invoke(endpoint, 'getSinkConnections')).toEqual([]);
});

test('an endpoint is negotiated once', async () => {
  const client = await open();
  const leg = await newLeg(client, await client.create('MediaPipeline'));
  const other = new RtpPeer();
  const offer = await other.createOffer();
  await expect(client.invoke(leg.endpoint, 'processOffer', { offer })).rejects.toEqual(
    failure('SDP_END_POINT_ALREADY_NEGOTIATED', 40208),
  );
  other.close();
  leg.peer.close();
});

test('candidates come only after gatherCandidates, each once per section', async () => {
  const client = await open();
  const pipeline = await client.create('MediaPipeline');
  const endpoint = await client.create('WebRtcEndpoint', { mediaPipeline: pipeline });
  const peer = new RtpPeer();
  await client.subscribe(endpoint, 'IceCandidateFound', 'IceGatheringDone');
  await client.invoke(endpoint, 'processOffer', { offer: await peer.createOffer() });
  await client.invoke(endpoint, 'getConnectionState');
  expect(client.events).toEqual([]);
  await client.invoke(endpoint, 'gatherCandidates');
  await eventually('gathering is done', () => client.events.some(({ type }) => type === 'IceGatheringDone'));
  const told = client.events.flatMap(({ data }) => (data['candidate'] ? [JSON.stringify(data['candidate'])] : []));
  expect(new Set(told).size).toBe(told.length);
  const mids = (mid: string) => told.filter((each) => each.includes(`"sdpMid":"${mid}"`)).length;
  expect(mids('0')).toBeGreaterThan(0);
  expect(mids('1')).toBe(mids('0'));
  peer.close();
});

test('JSON that is no request is answered, a frame too large or no JSON drops the socket', async () => {
  const client = await open();
  client.socket.send('{"hello":1}');
  const answer = await new Promise((resolve) =>
    client.socket.once('message', (data) => resolve(JSON.parse(String(data)))),
  );
  expect(answer).toMatchObject({ error: { code: -32600 } });
  for (const frame of ['x'.repeat(600_000), 'no json', Buffer.from([1, 2])]) {
    const victim = await RpcClient.open(server.url);
    const closed = new Promise((resolve) => victim.socket.once('close', resolve));
    victim.socket.send(frame);
    await closed;
  }
  expect(await client.request('ping')).toMatchObject({ value: 'pong' });
});

test('HTTP: healthy, ready, and no plain GET at /kurento; on both loopback addresses', async () => {
  for (const host of ['127.0.0.1', '[::1]']) {
    const status = async (path: string) => (await fetch(`http://${host}:${server.port}${path}`)).status;
    expect(await Promise.all(['/healthz', '/readyz', '/kurento', '/other'].map(status))).toEqual([200, 200, 426, 404]);
  }
});

test('parameters of the wrong type are named', async () => {
  const client = await open();
  const endpoint = await client.create('WebRtcEndpoint', { mediaPipeline: await client.create('MediaPipeline') });
  const set = client.invoke(endpoint, 'setMaxVideoSendBandwidth', { maxVideoSendBandwidth: 'abc' });
  await expect(set).rejects.toThrow("'maxVideoSendBandwidth' parameter should be a integer");
  await expect(client.request('describe', {})).rejects.toThrow("'object' parameter is required");
  await expect(client.invoke(endpoint, 'addIceCandidate', { candidate: 5 })).rejects.toThrow(
    "'candidate' parameter should be a object",
  );
});

test('a server that offers is answered', async () => {
  const client = await open();
  const endpoint = await client.create('WebRtcEndpoint', { mediaPipeline: await client.create('MediaPipeline') });
  const offer = String(await client.invoke(endpoint, 'generateOffer'));
  expect(offer).toContain('a=setup:actpass');
  const peer = new RtpPeer();
  const answer = (await peer.createOffer())
    .replaceAll('a=mid:0', 'a=mid:audio0')
    .replaceAll('a=mid:1', 'a=mid:video0')
    .replace('BUNDLE 0 1', 'BUNDLE audio0 video0');
  expect(await client.invoke(endpoint, 'processAnswer', { answer })).toBe(offer);
  await expect(client.invoke(endpoint, 'processAnswer', { answer })).rejects.toEqual(
    failure('SDP_END_POINT_ANSWER_ALREADY_PROCCESED', 40210),
  );
  peer.close();
});
