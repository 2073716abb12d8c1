/** What was said may be lost with the socket, on either side: who says what again. */
import { describe, expect, it } from 'vitest';
import { settle } from './fakes.ts';
import { breakSocket, callState, comeBack, connected, ID1, ID2, LEG1, online, watch } from './harness.ts';

const ring = { type: 'incomingCall', callerID: 'bob', callID: ID1, n: 2, media: 'video' };

async function placed() {
  const world = await online();
  const call = world.alice.call('bob');
  await settle();
  return { ...world, call, phases: watch(call), first: world.browser.socket };
}

async function rung() {
  const world = await online();
  world.browser.socket.say(ring);
  const call = world.incoming[0]!;
  return { ...world, call, phases: watch(call), first: world.browser.socket };
}

describe('a call that was placed', () => {
  it('and never named is placed again word for word, with its candidates', async () => {
    const { browser, first } = await placed();
    breakSocket(browser);
    await comeBack(browser);
    expect(browser.socket.sent[0]).toMatchObject({ resume: { calls: [] } });
    expect(browser.socket.sent.slice(1)).toEqual(first.sent.slice(1));
    expect(browser.socket.types()).toEqual(['login', 'call', 'onIceCandidate']);
    browser.socket.say(callState({ n: 4, phase: 'ringing' }));
    expect(browser.socket.types()).toEqual(['login', 'call', 'onIceCandidate', 'onIceCandidate']);
  });

  it('while there was no socket is placed when there is one', async () => {
    const { alice, browser } = await online();
    alice.call('bob');
    breakSocket(browser);
    await settle();
    await comeBack(browser);
    expect(browser.socket.types()).toEqual(['login', 'call', 'onIceCandidate']);
  });

  it('and named is not placed again', async () => {
    const { browser } = await placed();
    browser.socket.say({ type: 'callProgress', callID: ID1, n: 1, phase: 'inviting' });
    breakSocket(browser);
    await comeBack(browser);
    expect(browser.socket.types()).toEqual(['login']);
  });

  it('and hung up unnamed, but reported alive, is stopped again', async () => {
    const { alice, browser, call, restored } = await placed();
    call.hangUp();
    breakSocket(browser);
    await comeBack(browser, { callID: ID1 });
    const next = alice.call('carol');
    await settle();
    browser.socket.say(callState({ n: 4, phase: 'ringing' }));
    expect(browser.socket.last()).toEqual({ type: 'stop', callID: ID1 });
    browser.socket.say({ type: 'callProgress', callID: ID2, n: 1, phase: 'inviting' });
    expect(next.callID).toBe(ID2);
    expect(restored).toEqual([]);
  });
});

describe('a call that was ended here without a socket', () => {
  it('is stopped when the server says that it lives', async () => {
    const { browser, call, restored } = await connected();
    breakSocket(browser);
    call.hangUp();
    await comeBack(browser, { callID: ID1 });
    browser.socket.say(callState());
    expect(browser.socket.sent.slice(1)).toEqual([{ type: 'stop', callID: ID1 }]);
    expect(restored).toEqual([]);
  });

  it('is declined when it rings again', async () => {
    const { browser, call, incoming } = await rung();
    breakSocket(browser);
    call.decline();
    await comeBack(browser);
    browser.socket.say(ring);
    expect(browser.socket.last()).toEqual({
      ...{ type: 'incomingCallResponse', callerID: 'bob', callResponse: 'rejected', callID: ID1 },
    });
    expect(incoming).toHaveLength(1);
  });
});

describe('a call that rings again', () => {
  it('is said to ring again', async () => {
    const { browser, incoming, phases } = await rung();
    breakSocket(browser);
    await comeBack(browser);
    expect(browser.socket.sent[0]).toMatchObject({ resume: { calls: [ID1] } });
    browser.socket.say(ring);
    expect(browser.socket.last()).toEqual({ type: 'ringing', callID: ID1 });
    expect(incoming).toHaveLength(1);
    expect(phases).toEqual(['incoming']);
  });

  it('is accepted again with the same offer and its candidates', async () => {
    const { browser, call, first } = await rung();
    call.accept();
    await settle();
    breakSocket(browser);
    await comeBack(browser);
    browser.socket.say(ring);
    expect(browser.socket.sent.slice(1)).toEqual(first.sent.slice(2));
    expect(browser.socket.sent[1]).toMatchObject({ callResponse: 'accepted', legID: LEG1 });
  });

  it('is accepted only then, since before that the gateway does not know that it rings', async () => {
    const { browser, call, phases } = await rung();
    breakSocket(browser);
    await comeBack(browser);
    call.accept();
    await settle();
    expect(browser.socket.types()).toEqual(['login']);
    expect(phases.at(-1)).toBe('connecting');
    browser.socket.say(ring);
    expect(browser.socket.types()).toEqual(['login', 'incomingCallResponse', 'onIceCandidate']);
  });

  it('though the server has shown that it knows of the accept is not accepted again', async () => {
    const { browser, call, phases } = await rung();
    call.accept();
    await settle();
    breakSocket(browser);
    await comeBack(browser);
    browser.socket.say(callState({ phase: 'connecting', role: 'callee' }));
    browser.socket.say(ring);
    browser.socket.say({ type: 'error', code: 'bad_message', message: 'late', re: 'incomingCallResponse' });
    expect(browser.socket.types()).toEqual(['login', 'onIceCandidate']);
    expect(phases.at(-1)).toBe('connecting');
  });
});

describe('a call state', () => {
  it('replaces the phase, and applies an answer that was missed', async () => {
    const { browser, phases } = await placed();
    browser.socket.say({ type: 'callProgress', callID: ID1, n: 1, phase: 'inviting' });
    breakSocket(browser);
    await comeBack(browser);
    browser.socket.say(callState({ phase: 'connecting', sdpAnswer: 'missed' }));
    browser.socket.say(callState({ n: 21, phase: 'connecting', sdpAnswer: 'missed' }));
    await settle();
    expect(phases.at(-1)).toBe('connecting');
    expect(browser.peer.log.filter((line) => line === 'answer missed')).toHaveLength(1);
  });

  it('tells how the other is, and what the other sends', async () => {
    const { browser, call } = await connected();
    const seen: unknown[] = [];
    call.on('peerState', (state) => seen.push(state));
    call.on('peerMedia', (shown) => seen.push(shown));
    const peerMedia = { audio: false, video: true, screen: false };
    browser.socket.say(callState({ peerState: 'reconnecting', peerMedia }));
    browser.socket.say({ type: 'peerState', callID: ID1, n: 21, state: 'reconnected' });
    expect(seen).toEqual(['reconnecting', peerMedia, 'connected']);
    expect(call).toMatchObject({ peerState: 'connected', peerMedia });
  });

  it('counts up to its version, and not below what was seen', async () => {
    const { browser, call } = await connected();
    browser.socket.say(callState({ n: 20 }));
    browser.socket.say({ type: 'peerState', callID: ID1, n: 20, state: 'reconnecting' });
    expect(call.peerState).toBe('connected');
    browser.socket.say({ type: 'peerState', callID: ID1, n: 22, state: 'reconnecting' });
    browser.socket.say(callState({ n: 21 }));
    expect(call.peerState).toBe('reconnecting');
  });

  it('of a leg that is connected lets no candidates be sent again', async () => {
    const { browser } = await connected();
    const before = browser.socket.sent.length;
    browser.socket.say(callState());
    expect(browser.socket.sent).toHaveLength(before);
  });
});

describe('two users who called each other', () => {
  it('are in the call that won, by the leg; whoever placed it may be its callee', async () => {
    const { browser, call, phases, restored } = await placed();
    const { socket } = browser;
    socket.say({ type: 'callProgress', callID: ID2, n: 1, phase: 'inviting' });
    socket.say({ type: 'callProgress', callID: ID2, n: 6, phase: 'ringing' });
    socket.say(callState({ n: 3, phase: 'connecting', role: 'callee' }));
    expect(call).toMatchObject({ callID: ID1, direction: 'outgoing', role: 'callee' });
    socket.say({ type: 'callResponse', callResponse: 'accepted', sdpAnswer: 'yes', callID: ID1, legID: LEG1, n: 4 });
    socket.say({ type: 'stopCommunication', callID: ID2, n: 9, reason: 'superseded', endedBy: 'system' });
    socket.say({ type: 'callProgress', callID: ID1, n: 5, phase: 'connected' });
    await settle();
    expect(browser.peer.log).toContain('answer yes');
    expect(phases).toEqual(['inviting', 'ringing', 'connecting', 'connected']);
    call.hangUp();
    expect(phases.at(-1)).toBe('ended completed by callee');
    expect(restored).toEqual([]);
  });

  it('are in it also if the answer comes before the call state', async () => {
    const { browser, call, phases } = await placed();
    const { socket } = browser;
    socket.say({ type: 'callProgress', callID: ID2, n: 7, phase: 'ringing' });
    socket.say({ type: 'callResponse', callResponse: 'accepted', sdpAnswer: 'yes', callID: ID1, legID: LEG1, n: 4 });
    await settle();
    expect(call.callID).toBe(ID1);
    expect(phases.at(-1)).toBe('connecting');
    expect(browser.peer.log).toContain('answer yes');
  });

  it('whose end of the call that lost comes first wait for the one that won, but not for ever', async () => {
    const { browser, phases } = await placed();
    const { socket } = browser;
    const lost = { type: 'stopCommunication', n: 9, reason: 'superseded', endedBy: 'system' };
    socket.say({ type: 'callProgress', callID: ID2, n: 1, phase: 'inviting' });
    socket.say({ ...lost, callID: ID2 });
    socket.say(callState({ phase: 'connecting', role: 'callee' }));
    browser.pass(10_000);
    expect(phases.at(-1)).toBe('connecting');
    socket.say({ ...lost, callID: ID1, n: 30 });
    browser.pass(10_000);
    expect(phases.at(-1)).toBe('ended superseded by system');
  });
});
