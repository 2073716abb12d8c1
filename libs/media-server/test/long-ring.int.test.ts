/**
 * A phone that rings long: the caller's leg is prepared at once, and he gets his answer only when somebody answers. libjuice
 * gives up after 30 s by then; the leg has begun anew, under the credentials that are in the answer.
 */
import { eventually, RtpPeer } from '@switchboard/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMediaServer } from '../src/index.ts';
import { RpcClient } from './rpc-client.ts';

let server: Awaited<ReturnType<typeof startMediaServer>>;
let client: RpcClient;
beforeAll(async () => {
  server = await startMediaServer();
  client = await RpcClient.open(server.url);
});
afterAll(async () => {
  await client.close();
  await server.close();
});

test('a leg that waited longer than ICE’s patience connects when its peer gets the answer', async () => {
  const pipeline = await client.create('MediaPipeline');
  const endpoint = await client.create('WebRtcEndpoint', { mediaPipeline: pipeline });
  const found: string[] = [];
  const failures: unknown[] = [];
  for (const type of ['IceCandidateFound', 'IceComponentStateChanged']) await client.subscribe(endpoint, type);
  client.onEvent(({ type, data }) => {
    if (type === 'IceCandidateFound') found.push(String((data['candidate'] as { candidate: string }).candidate));
    if (data['state'] === 'FAILED') failures.push(data);
  });
  const peer = new RtpPeer();
  const answer = String(await client.invoke(endpoint, 'processOffer', { offer: await peer.createOffer() }));
  await client.invoke(endpoint, 'gatherCandidates');
  const first = await eventually('the first candidates', () => new Set(found).size || undefined);
  await eventually('candidates of a second connection', () => new Set(found).size > first, 45_000);

  peer.setAnswer(answer);
  for (const candidate of found) peer.addCandidate(candidate);
  peer.onCandidate((candidate) => void client.invoke(endpoint, 'addIceCandidate', { candidate }));
  await peer.waitConnected(10_000);
  expect(failures).toEqual([]);
  peer.close();
});
