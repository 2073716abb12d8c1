/** One call through a running server: a pipeline and two legs, each with its synthetic peer. */
import { RtpPeer, type RtpPeerOptions } from '@switchboard/testkit';
import type { RpcClient } from './rpc-client.ts';

export interface TestLeg {
  readonly endpoint: string;
  readonly peer: RtpPeer;
  readonly answer: string;
}

export async function newLeg(client: RpcClient, pipeline: string, options: RtpPeerOptions = {}): Promise<TestLeg> {
  const endpoint = await client.create('WebRtcEndpoint', { mediaPipeline: pipeline });
  const peer = new RtpPeer(options);
  await client.subscribe(endpoint, 'IceCandidateFound');
  client.onEvent(({ object, type, data }) => {
    const { sdpMLineIndex, candidate } = (data['candidate'] ?? {}) as { sdpMLineIndex: number; candidate: string };
    if (object === endpoint && type === 'IceCandidateFound' && sdpMLineIndex === 0) peer.addCandidate(candidate);
  });
  const answer = String(await client.invoke(endpoint, 'processOffer', { offer: await peer.createOffer() }));
  peer.setAnswer(answer);
  peer.onCandidate(
    (candidate) => void client.invoke(endpoint, 'addIceCandidate', { candidate }).catch(() => undefined),
  );
  await client.invoke(endpoint, 'gatherCandidates');
  return { endpoint, peer, answer };
}

export async function newCall(client: RpcClient, a: RtpPeerOptions = {}, b: RtpPeerOptions = {}) {
  const pipeline = await client.create('MediaPipeline');
  const [left, right] = await Promise.all([newLeg(client, pipeline, a), newLeg(client, pipeline, b)]);
  await Promise.all([left.peer.waitConnected(10_000), right.peer.waitConnected(10_000)]);
  return { pipeline, left, right };
}

export async function connectBoth(client: RpcClient, left: TestLeg, right: TestLeg): Promise<void> {
  await Promise.all([
    client.invoke(left.endpoint, 'connect', { sink: right.endpoint }),
    client.invoke(right.endpoint, 'connect', { sink: left.endpoint }),
  ]);
}
