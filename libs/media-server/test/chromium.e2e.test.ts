/** Two real browsers' pages see and hear each other through the server, driven over the Kurento protocol. */
import type { Browser, Page } from 'playwright-core';
import { eventually, launchChromium } from '@switchboard/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMediaServer, type RunningServer } from '../src/index.ts';
import { RpcClient } from './rpc-client.ts';

let server: RunningServer;
let browser: Browser;
let client: RpcClient;

const ARGS = [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  '--allow-loopback-in-peer-connection',
];

beforeAll(async () => {
  server = await startMediaServer();
  browser = await launchChromium(ARGS);
  client = await RpcClient.open(server.url);
}, 60_000);
afterAll(async () => {
  await browser.close();
  await client.close();
  await server.close();
});

interface Picture {
  readonly framesDecoded: number;
  readonly audioEnergy: number;
  readonly freezes: number;
  readonly codec: string;
  readonly firstFrameMs: number | null;
}

/** Run inside the page: it has no imports. */
async function callIn(page: Page, codec: string): Promise<string> {
  return page.evaluate(async (wanted) => {
    const peer = new RTCPeerConnection();
    const candidates: RTCIceCandidateInit[] = [];
    peer.onicecandidate = ({ candidate }) => candidate && candidates.push(candidate.toJSON());
    const media = await navigator.mediaDevices.getUserMedia({
      audio: true,
      video: { width: 640, height: 480, frameRate: 20 },
    });
    for (const track of media.getTracks()) peer.addTrack(track, media);
    const video = document.createElement('video');
    video.autoplay = true;
    document.body.append(video);
    const state = { peer, candidates, firstFrameAt: null as number | null };
    peer.ontrack = ({ streams }) => (video.srcObject = streams[0] ?? null);
    video.requestVideoFrameCallback(() => (state.firstFrameAt = Date.now()));
    const sender = peer.getTransceivers().find((each) => each.sender.track?.kind === 'video');
    const codecs = RTCRtpReceiver.getCapabilities('video')?.codecs ?? [];
    const fits = codecs.filter(({ mimeType }) => mimeType === `video/${wanted}` || mimeType === 'video/rtx');
    sender?.setCodecPreferences(fits);
    Object.assign(window, { state });
    await peer.setLocalDescription();
    return peer.localDescription?.sdp ?? '';
  }, codec);
}

async function newPageLeg(pipeline: string, codec: string): Promise<{ page: Page; endpoint: string }> {
  const page = await (await browser.newContext({ permissions: ['camera', 'microphone'] })).newPage();
  await page.goto(server.url.replace('ws:', 'http:').replace('/kurento', '/healthz'));
  const endpoint = await client.create('WebRtcEndpoint', { mediaPipeline: pipeline });
  const offer = await callIn(page, codec);
  const answer = await client.invoke(endpoint, 'processOffer', { offer });
  await client.subscribe(endpoint, 'IceCandidateFound');
  client.onEvent(({ object, type, data }) => {
    if (object !== endpoint || type !== 'IceCandidateFound') return;
    const { candidate, sdpMid, sdpMLineIndex } = data['candidate'] as {
      candidate: string;
      sdpMid: string;
      sdpMLineIndex: number;
    };
    void page.evaluate((init) => (window as never as InPage).state.peer.addIceCandidate(init), {
      candidate,
      sdpMid,
      sdpMLineIndex,
    });
  });
  await page.evaluate(
    (sdp) => (window as never as InPage).state.peer.setRemoteDescription({ type: 'answer', sdp }),
    String(answer),
  );
  await client.invoke(endpoint, 'gatherCandidates');
  const candidates = await page.evaluate(() => (window as never as InPage).state.candidates);
  for (const candidate of candidates) await client.invoke(endpoint, 'addIceCandidate', { candidate });
  return { page, endpoint };
}

interface InPage {
  readonly state: {
    readonly peer: RTCPeerConnection;
    readonly candidates: RTCIceCandidateInit[];
    readonly firstFrameAt: number | null;
  };
}

const picture = (page: Page): Promise<Picture> =>
  page.evaluate(async () => {
    const { state } = window as never as InPage;
    const reports = [...(await state.peer.getStats()).values()] as Record<string, never>[];
    const inbound = (kind: string) => reports.find((each) => each['type'] === 'inbound-rtp' && each['kind'] === kind);
    const codec = reports.find((each) => each['id'] === inbound('video')?.['codecId']);
    return {
      framesDecoded: inbound('video')?.['framesDecoded'] ?? 0,
      audioEnergy: inbound('audio')?.['totalAudioEnergy'] ?? 0,
      freezes: inbound('video')?.['freezeCount'] ?? 0,
      codec: codec?.['mimeType'] ?? '',
      firstFrameMs: state.firstFrameAt,
    };
  });

test.each(['VP8', 'H264'])('two pages see and hear each other with %s', async (codec) => {
  const pipeline = await client.create('MediaPipeline');
  const legs = [await newPageLeg(pipeline, codec), await newPageLeg(pipeline, codec)] as const;
  await eventually('both legs connected', async () => server.stats().connected === 2, 15_000);
  const [left, right] = legs;
  const began = Date.now();
  await client.invoke(left.endpoint, 'connect', { sink: right.endpoint });
  await client.invoke(right.endpoint, 'connect', { sink: left.endpoint });
  for (const { page } of legs) {
    await eventually('frames', async () => (await picture(page)).framesDecoded > 40, 20_000);
    await eventually('sound', async () => (await picture(page)).audioEnergy > 0, 10_000);
    const seen = await picture(page);
    expect(seen.codec).toBe(`video/${codec}`);
    console.log(codec, { ...seen, firstFrameMs: seen.firstFrameMs === null ? null : seen.firstFrameMs - began });
  }
  await client.request('release', { object: pipeline });
  for (const { page } of legs) await page.context().close();
});
