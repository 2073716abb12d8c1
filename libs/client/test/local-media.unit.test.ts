/** Mute, camera and screen: what is sent, what the page is told, and what the other side is told. */
import { describe, expect, it } from 'vitest';
import type { FakeSender, FakeStream, FakeTrack } from './fakes.ts';
import { FakeBrowser, settle } from './fakes.ts';
import { breakSocket, callState, comeBack, connected, ID1, LEG2, online } from './harness.ts';

async function talking(media: 'audio' | 'video' = 'video') {
  const world = await connected(media);
  const sender = world.peer.senders['video']!;
  const local = world.call.localStream as unknown as FakeStream;
  const kinds = () => local.tracks.map(({ kind }) => kind);
  return { ...world, sender, local, kinds, said: () => world.browser.socket.sent.filter(isMedia).map(shown) };
}

const isMedia = ({ type }: Record<string, unknown>) => type === 'mediaState';
const shown = ({ audio, video, screen }: Record<string, unknown>) =>
  [audio && 'audio', video && 'video', screen && 'screen'].filter(Boolean).join(' ');
const track = ({ track: sent }: FakeSender): FakeTrack => sent!;

describe('the microphone', () => {
  it('is muted and unmuted by its track', async () => {
    const { call, local, said, socket } = await talking();
    const seen: unknown[] = [];
    call.on('localMedia', (media) => seen.push(media));
    call.setMicrophone(false);
    expect(local.tracks[0]!.enabled).toBe(false);
    expect(socket.last()).toEqual({ type: 'mediaState', callID: ID1, audio: false, video: true, screen: false });
    call.setMicrophone(false);
    call.setMicrophone(true);
    expect(said()).toEqual(['video', 'audio video']);
    expect(seen).toEqual([
      { audio: false, video: true, screen: false },
      { audio: true, video: true, screen: false },
    ]);
  });

  it('that is pulled out is shown as muted', async () => {
    const { local, said } = await talking();
    local.tracks[0]!.end();
    expect(said()).toEqual(['video']);
  });
});

describe('the camera', () => {
  it('goes off with its light, and on again', async () => {
    const { browser, call, sender, kinds, said } = await talking();
    const first = track(sender);
    await call.setCamera(false);
    expect([first.stopped, sender.track, kinds()]).toEqual([true, null, ['audio']]);
    await call.setCamera(true);
    expect(browser.asked.at(-1)).toEqual({ video: { width: { ideal: 640 }, height: { ideal: 480 } } });
    expect(track(sender)).not.toBe(first);
    expect(kinds()).toEqual(['audio', 'video']);
    expect(said()).toEqual(['audio', 'audio video']);
  });

  it('gives an audio call a picture, without a new offer', async () => {
    const { browser, call, sender, kinds, said } = await talking('audio');
    const streams: unknown[] = [];
    call.on('localStream', (stream) => streams.push(stream));
    expect(sender.track).toBeNull();
    await call.setCamera(true);
    expect(track(sender).kind).toBe('video');
    expect([kinds(), streams.length, browser.peers.length]).toEqual([['audio', 'video'], 1, 1]);
    expect(said()).toEqual(['audio video']);
    expect(call.localMedia).toEqual({ audio: true, video: true, screen: false });
  });

  it('that is denied leaves everything as it was', async () => {
    const { browser, call, sender, kinds, said, phases } = await talking('audio');
    browser.devices = new DOMException('no', 'NotAllowedError');
    await expect(call.setCamera(true)).rejects.toMatchObject({ code: 'media_denied' });
    expect([sender.track, kinds(), said(), phases]).toEqual([null, ['audio'], [], ['connected']]);
  });

  it('that cannot be sent is turned off again', async () => {
    const { browser, call, sender, kinds } = await talking('audio');
    sender.fails = true;
    await expect(call.setCamera(true)).rejects.toMatchObject({ code: 'setup_failed' });
    expect(browser.streams.at(-1)!.tracks[0]!.stopped).toBe(true);
    expect([kinds(), call.localMedia.video]).toEqual([['audio'], false]);
  });

  it('that is pulled out is off', async () => {
    const { call, sender, said } = await talking();
    track(sender).end();
    await settle();
    expect(sender.track).toBeNull();
    expect(call.localMedia.video).toBe(false);
    expect(said()).toEqual(['audio']);
  });

  it('that opens after the end is turned off', async () => {
    const { browser, call } = await talking('audio');
    const opened = call.setCamera(true);
    call.hangUp();
    await opened;
    expect(browser.streams.flatMap(({ tracks }) => tracks).every(({ stopped }) => stopped)).toBe(true);
  });

  it('is opened in the way of the page, if it has one', async () => {
    const own = new FakeBrowser();
    const getMedia = (kind: string) => own.deps.getUserMedia({ audio: true, video: kind === 'video' });
    const { call, peer, browser } = await connected('audio', { getMedia });
    await call.setCamera(true);
    const [sound, picture] = own.streams.at(-1)!.tracks;
    expect([sound!.stopped, peer.senders['video']!.track === picture]).toEqual([true, true]);
    expect(browser.asked).toEqual([]);
  });
});

describe('a shared screen', () => {
  it('takes the place of the camera, and gives it back', async () => {
    const { call, sender, local, said } = await talking();
    const camera = track(sender);
    await call.shareScreen(true);
    const screen = track(sender);
    expect([screen === camera, camera.stopped, local.tracks.includes(screen)]).toEqual([false, false, true]);
    expect(local.tracks.includes(camera)).toBe(false);
    await call.shareScreen(false);
    expect([track(sender) === camera, screen.stopped]).toEqual([true, true]);
    expect(said()).toEqual(['audio video screen', 'audio video']);
  });

  it('that the user ends in the browser gives it back too', async () => {
    const { call, sender, said } = await talking();
    const camera = track(sender);
    await call.shareScreen(true);
    track(sender).end();
    await settle();
    expect(sender.track).toBe(camera);
    expect(said().at(-1)).toBe('audio video');
  });

  it('in a call with sound only leaves nothing behind', async () => {
    const { call, sender, said } = await talking('audio');
    await call.shareScreen(true);
    await call.shareScreen(false);
    expect(sender.track).toBeNull();
    expect(said()).toEqual(['audio screen', 'audio']);
  });

  it('that is refused leaves everything as it was', async () => {
    const { browser, call, sender, said } = await talking();
    const camera = track(sender);
    browser.screen = 'refused';
    await expect(call.shareScreen(true)).rejects.toMatchObject({ code: 'media_denied' });
    expect([sender.track === camera, said()]).toEqual([true, []]);
  });

  it('goes on while the camera goes off and on behind it', async () => {
    const { call, sender, said } = await talking();
    await call.shareScreen(true);
    const screen = sender.track;
    await call.setCamera(false);
    await call.setCamera(true);
    expect(sender.track).toBe(screen);
    await call.shareScreen(false);
    expect(track(sender).stopped).toBe(false);
    expect(said()).toEqual(['audio video screen', 'audio screen', 'audio video screen', 'audio video']);
  });

  it('is stopped at the end, and the camera behind it too', async () => {
    const { browser, call } = await talking();
    await call.shareScreen(true);
    call.hangUp();
    expect(browser.streams.flatMap(({ tracks }) => tracks).every(({ stopped }) => stopped)).toBe(true);
  });
});

describe('what is sent is told', () => {
  it('once the call has a name, if it is not what is assumed', async () => {
    const { alice, browser } = await online();
    browser.devices = ['audio'];
    alice.call('bob');
    await settle();
    expect(browser.socket.types()).not.toContain('mediaState');
    browser.socket.say({ type: 'callProgress', callID: ID1, n: 1, phase: 'inviting' });
    browser.socket.say({ type: 'callProgress', callID: ID1, n: 2, phase: 'ringing' });
    expect(browser.socket.sent.filter(isMedia).map(shown)).toEqual(['audio']);
  });

  it('with the accept of a call that came in', async () => {
    const { browser, incoming } = await online();
    browser.devices = ['audio'];
    browser.socket.say({ type: 'incomingCall', callerID: 'bob', callID: ID1, n: 2, media: 'video' });
    incoming[0]!.accept();
    await settle();
    expect(browser.socket.types().slice(-3)).toEqual(['incomingCallResponse', 'onIceCandidate', 'mediaState']);
  });

  it('again after a resume, also if it is as at first but was not in between', async () => {
    const { browser, call, said } = await talking();
    breakSocket(browser);
    call.setMicrophone(false);
    call.setMicrophone(true);
    await comeBack(browser);
    browser.socket.say(callState());
    browser.socket.say({ type: 'callProgress', callID: ID1, n: 21, phase: 'connected' });
    expect(said()).toEqual(['audio video']);
  });

  it('not again if nothing ever changed', async () => {
    const { browser, said } = await talking();
    breakSocket(browser);
    await comeBack(browser);
    browser.socket.say(callState());
    expect(said()).toEqual([]);
  });
});

it('what the other sends is shown', async () => {
  const { call, socket } = await talking('audio');
  const seen: unknown[] = [];
  call.on('peerMedia', (media) => seen.push(media));
  expect(call.peerMedia).toEqual({ audio: true, video: false, screen: false });
  const news = { type: 'mediaState', callID: ID1, n: 9, audio: false, video: true, screen: false };
  socket.say(news);
  socket.say(news);
  expect(seen).toEqual([{ audio: false, video: true, screen: false }]);
});

it('a new leg sends what is sent just now, also what is chosen while it waits for its answer', async () => {
  const { browser, call, socket, sender } = await talking();
  await call.shareScreen(true);
  socket.say({ type: 'renegotiate', callID: ID1, n: 21, cause: 'reload' });
  await settle();
  const next = browser.peer.senders['video']!;
  expect(next.track).toBe(sender.track);
  await call.shareScreen(false);
  socket.say({ type: 'renegotiated', callID: ID1, n: 22, legID: LEG2, sdpAnswer: 'yes' });
  await settle();
  expect(next.track).toBe(browser.streams[0]!.tracks.find(({ kind }) => kind === 'video'));
});

it('before the call has its media, and after its end, nothing is turned on', async () => {
  const { browser, incoming } = await online();
  browser.socket.say({ type: 'incomingCall', callerID: 'bob', callID: ID1, n: 2, media: 'video' });
  const call = incoming[0]!;
  call.setMicrophone(false);
  await call.setCamera(true);
  call.hangUp();
  await call.shareScreen(true);
  expect(browser.streams).toHaveLength(0);
  expect(call.localMedia).toEqual({ audio: true, video: true, screen: false });
});
