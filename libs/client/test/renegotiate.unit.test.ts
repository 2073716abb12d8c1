/** A call that gets a new connection to the media server: because the server asks, or because the old one failed. */
import { describe, expect, it } from 'vitest';
import { FakeTrack, settle } from './fakes.ts';
import { SHOWN_MS } from '../src/call/legs.ts';
import { AT_REST, breakSocket, callState, comeBack, connected, ID1, LEG1, LEG2, LEG3 } from './harness.ts';

const asked = { type: 'renegotiate', callID: ID1, n: 21, cause: 'reload' };
const answer = (legID: string, n = 25) => ({ type: 'renegotiated', callID: ID1, n, legID, sdpAnswer: `for ${legID}` });

async function failed() {
  const world = await connected();
  world.peer.becomes('failed');
  await settle();
  return world;
}

describe('asked to renegotiate', () => {
  it('it offers a new leg with the same tracks, and swaps when the answer is set', async () => {
    const { browser, socket, call, peer: old } = await connected();
    const remotes: (MediaStream | undefined)[] = [];
    call.on('remoteStream', (stream) => remotes.push(stream));
    old.ontrack?.({ track: new FakeTrack('audio') });
    socket.say(asked);
    await settle();
    const { peer } = browser;
    expect(peer).not.toBe(old);
    expect(socket.sent.slice(-2)).toMatchObject([
      { type: 'renegotiate', callID: ID1, legID: LEG2, sdpOffer: 'v=0 offer' },
      { type: 'onIceCandidate', callID: ID1, legID: LEG2 },
    ]);
    expect(peer.senders['video']!.track).toBe(old.senders['video']!.track);
    expect(browser.streams).toHaveLength(1);
    peer.ontrack?.({ track: new FakeTrack('audio') });
    expect([old.closed, remotes.length]).toEqual([false, 1]);
    socket.say(answer(LEG2));
    await settle();
    expect(peer.log).toContain(`answer for ${LEG2}`);
    expect(old.closed).toBe(true);
    expect(remotes).toHaveLength(2);
    expect(remotes[1]).not.toBe(remotes[0]);
    expect(call.remoteStream).toBe(remotes[1]);
    expect(browser.pendingTimers).toBe(AT_REST);
  });

  it('because its media server is gone, the last picture stays until the new one is there', async () => {
    const { browser, socket, call, phases, peer: old } = await connected();
    const remotes: (MediaStream | undefined)[] = [];
    call.on('remoteStream', (stream) => remotes.push(stream));
    for (const kind of ['audio', 'video']) old.ontrack?.({ track: new FakeTrack(kind) });
    const seen = call.remoteStream;
    socket.say({ ...asked, cause: 'media_server_lost' });
    await settle();
    const { peer } = browser;
    const picture = new FakeTrack('video', true);
    for (const track of [new FakeTrack('audio'), picture]) peer.ontrack?.({ track });
    socket.say(answer(LEG2));
    await settle();
    peer.becomes('connected');
    expect([call.remoteStream === seen, old.closed]).toEqual([true, false]);
    picture.onunmute?.();
    expect([call.remoteStream === seen, old.closed, remotes.length]).toEqual([false, true, 3]);
    expect([phases, call.peerState]).toEqual([['connected'], 'connected']);
    expect(browser.pendingTimers).toBe(AT_REST);
  });

  it('and if no picture comes, there is the sound after a while', async () => {
    const { browser, socket, call, peer: old } = await connected();
    for (const kind of ['audio', 'video']) old.ontrack?.({ track: new FakeTrack(kind) });
    const seen = call.remoteStream;
    socket.say(asked);
    await settle();
    browser.peer.ontrack?.({ track: new FakeTrack('audio') });
    socket.say(answer(LEG2));
    await settle();
    browser.pass(SHOWN_MS);
    expect([call.remoteStream === seen, old.closed]).toEqual([false, true]);
  });

  it('ends meanwhile, and nothing is left open', async () => {
    const { browser, socket, call, peer: old } = await connected();
    old.ontrack?.({ track: new FakeTrack('video') });
    socket.say(asked);
    await settle();
    socket.say(answer(LEG2));
    await settle();
    call.hangUp();
    expect([old.closed, browser.peer.closed, browser.pendingTimers]).toEqual([true, true, AT_REST]);
  });

  it('it gives candidates to the leg that they name', async () => {
    const { browser, socket, peer: old } = await connected();
    socket.say(asked);
    await settle();
    const candidate = (text: string) => ({ candidate: text, sdpMid: '0', sdpMLineIndex: 0 });
    socket.say({ type: 'iceCandidate', candidate: candidate('new'), callID: ID1, legID: LEG2 });
    socket.say({ type: 'iceCandidate', candidate: candidate('old'), callID: ID1, legID: LEG1 });
    socket.say(answer(LEG2));
    await settle();
    expect(old.log).toContain('candidate old');
    expect(browser.peer.log.slice(-2)).toEqual([`answer for ${LEG2}`, 'candidate new']);
  });

  it('twice, the later leg counts, and an answer for the earlier is obsolete', async () => {
    const { browser, socket } = await connected();
    socket.say(asked);
    await settle();
    const earlier = browser.peer;
    socket.say({ ...asked, n: 22 });
    await settle();
    expect(earlier.closed).toBe(true);
    socket.say(answer(LEG2, 24));
    socket.say(answer(LEG3));
    await settle();
    expect(earlier.log).not.toContain(`answer for ${LEG2}`);
    expect(browser.peer.log).toContain(`answer for ${LEG3}`);
  });

  it('twice while the first offer is being made, the first is dropped and nothing fails', async () => {
    const { browser, socket, phases } = await connected();
    let fail: () => void = () => undefined;
    browser.offerMade = new Promise((_, reject) => (fail = () => reject(new Error('closed'))));
    socket.say(asked);
    await settle();
    browser.offerMade = Promise.resolve();
    socket.say({ ...asked, n: 22 });
    fail();
    await settle();
    expect(browser.peers.map(({ closed }) => closed)).toEqual([false, true, false]);
    const offers = socket.sent.filter(({ type }) => type === 'renegotiate');
    expect(offers.map(({ legID }) => legID)).toEqual([LEG3]);
    expect(phases).toEqual(['connected']);
  });

  it('it gives the call up when no answer comes in 15 s', async () => {
    const { browser, socket, phases } = await connected();
    socket.say(asked);
    await settle();
    browser.pass(14_999);
    expect(phases).toEqual(['connected']);
    browser.pass(1);
    expect(phases.at(-1)).toBe('ended connection_lost by system');
    expect(socket.last()).toEqual({ type: 'stop', callID: ID1 });
  });

  it('it gives the call up when the answer is none', async () => {
    const { socket, phases } = await connected();
    socket.say(asked);
    await settle();
    socket.say({ ...answer(LEG2), sdpAnswer: 'bad' });
    await settle();
    expect(phases.at(-1)).toBe('ended setup_failed by caller');
  });

  it('it offers the same again if the offer was lost with the socket', async () => {
    const { browser, socket, phases } = await connected();
    socket.say(asked);
    await settle();
    const offer = socket.sent.find(({ type }) => type === 'renegotiate');
    breakSocket(browser);
    await comeBack(browser);
    browser.socket.say(callState({ n: 30, legID: LEG1 }));
    expect(browser.socket.sent[1]).toEqual(offer);
    browser.socket.say(callState({ n: 31, legID: LEG2, sdpAnswer: 'missed' }));
    await settle();
    expect(browser.socket.types().filter((type) => type === 'renegotiate')).toHaveLength(1);
    expect(browser.peer.log).toContain('answer missed');
    expect(phases).toEqual(['connected']);
    expect(browser.pendingTimers).toBe(AT_REST);
  });

  it.each([
    ['no_such_call', 'ended connection_lost by system'],
    ['service_unavailable', 'connected'],
  ])('and refused with %s it is %s', async (code, end) => {
    const { socket, phases } = await connected();
    socket.say(asked);
    await settle();
    socket.say({ type: 'error', code, message: 'no', re: 'renegotiate' });
    socket.say({ type: 'error', code: 'no_such_call', message: 'no', re: 'mediaState' });
    expect(phases.at(-1)).toBe(end);
  });
});

describe('a connection to the media server that fails', () => {
  it('is replaced once, without asking anybody', async () => {
    const { browser, socket, phases } = await failed();
    expect(socket.sent.at(-2)).toMatchObject({ type: 'renegotiate', callID: ID1, legID: LEG2 });
    socket.say(answer(LEG2));
    await settle();
    browser.peer.becomes('failed');
    expect(phases.at(-1)).toBe('ended connection_lost by system');
    expect(socket.last()).toEqual({ type: 'stop', callID: ID1 });
  });

  it('is replaced again if the one in between had connected', async () => {
    const { browser, socket, phases } = await failed();
    socket.say(answer(LEG2));
    await settle();
    browser.peer.becomes('connected');
    browser.peer.becomes('failed');
    await settle();
    expect(socket.sent.at(-2)).toMatchObject({ type: 'renegotiate', legID: LEG3 });
    expect(phases).toEqual(['connected']);
  });

  it('and gets no answer for another in 15 s is lost', async () => {
    const { browser, phases } = await failed();
    browser.pass(15_000);
    expect(phases.at(-1)).toBe('ended connection_lost by system');
  });

  it('while there is no gateway is replaced when there is one', async () => {
    const { browser, peer, phases } = await connected();
    breakSocket(browser);
    peer.becomes('failed');
    await settle();
    expect(browser.peers).toHaveLength(1);
    await comeBack(browser);
    browser.socket.say(callState());
    await settle();
    expect(browser.socket.types()).toEqual(['login', 'renegotiate', 'onIceCandidate']);
    expect(phases).toEqual(['connected']);
  });
});

it('a leg that the server has and nobody here knows is replaced', async () => {
  const { browser, socket } = await connected();
  socket.say(callState({ legID: 'leg-of-another-page-1' }));
  await settle();
  expect(browser.peers).toHaveLength(2);
  expect(socket.sent.at(-2)).toMatchObject({ type: 'renegotiate', legID: LEG2 });
});
