/** Order, doubles and leftovers: what reaches a call, and when. */
import { describe, expect, it } from 'vitest';
import { settle } from './fakes.ts';
import { ID1, ID2, LEG1, LEG2, online, watch } from './harness.ts';

/** A call that is hung up before it has a callID, and the next one. */
async function callAgain() {
  const { alice, browser } = await online();
  const first = alice.call('bob');
  await settle();
  first.hangUp();
  const second = alice.call('carol');
  const phases = watch(second);
  await settle();
  return { socket: browser.socket, second, phases };
}

const candidate = (text: string) => ({ candidate: text, sdpMid: '0', sdpMLineIndex: 0 });

describe('candidates', () => {
  it('of this device follow the offer, however early they are found', async () => {
    const { alice, browser } = await online();
    alice.call('bob');
    await settle();
    browser.peer.find('late');
    browser.peer.find('');
    browser.socket.say({ type: 'callProgress', callID: ID1, n: 1, phase: 'inviting' });
    browser.peer.find('named');
    expect(browser.socket.sent.slice(1)).toMatchObject([
      { type: 'call' },
      { type: 'onIceCandidate', candidate: candidate('early'), legID: LEG1 },
      { type: 'onIceCandidate', candidate: candidate('late'), legID: LEG1 },
      { type: 'onIceCandidate', candidate: candidate('named'), legID: LEG1, callID: ID1 },
    ]);
  });

  it('of the server wait for the answer, and keep their order', async () => {
    const { alice, browser } = await online();
    alice.call('bob');
    await settle();
    let setIt: () => void = () => undefined;
    browser.peer.answerSet = new Promise((resolve) => (setIt = resolve));
    const { socket, peer } = browser;
    socket.say({ type: 'callResponse', callResponse: 'accepted', sdpAnswer: 'yes', callID: ID1, legID: LEG1, n: 2 });
    for (const text of ['1', 'bad', '2'])
      socket.say({ type: 'iceCandidate', candidate: candidate(text), callID: ID1, legID: LEG1 });
    await settle();
    expect(peer.log).not.toContain('candidate 1');
    setIt();
    await settle();
    socket.say({ type: 'iceCandidate', candidate: candidate('3'), callID: ID1, legID: LEG1 });
    expect(peer.log.slice(2)).toEqual(['answer yes', 'candidate 1', 'candidate bad', 'candidate 2', 'candidate 3']);
  });

  it('of another leg or call go nowhere', async () => {
    const { alice, browser } = await online();
    alice.call('bob');
    await settle();
    browser.socket.say({ type: 'callResponse', callResponse: 'accepted', sdpAnswer: 'yes', callID: ID1, n: 2 });
    await settle();
    browser.socket.say({ type: 'iceCandidate', candidate: candidate('x'), callID: ID1, legID: 'leg-9' });
    browser.socket.say({ type: 'iceCandidate', candidate: candidate('y'), callID: ID2 });
    expect(browser.peer.log).toHaveLength(3);
  });
});

describe('versions', () => {
  it('that were seen are dropped', async () => {
    const { alice, browser } = await online();
    const phases = watch(alice.call('bob'));
    await settle();
    const { socket } = browser;
    socket.say({ type: 'callProgress', callID: ID1, n: 4, phase: 'inviting' });
    socket.say({ type: 'callProgress', callID: ID1, n: 4, phase: 'ringing' });
    socket.say({ type: 'callProgress', callID: ID1, n: 3, phase: 'connected' });
    expect(phases).toEqual(['requesting-media', 'inviting']);
    socket.say({ type: 'callProgress', callID: ID1, n: 5, phase: 'ringing' });
    expect(phases.at(-1)).toBe('ringing');
  });

  it('count once, also for an answer that comes again', async () => {
    const { alice, browser } = await online();
    alice.call('bob');
    await settle();
    const { socket } = browser;
    const answer = { type: 'callResponse', callResponse: 'accepted', sdpAnswer: 'yes', callID: ID1, n: 5 };
    socket.say({ type: 'callProgress', callID: ID1, n: 4, phase: 'connecting' });
    socket.say(answer);
    socket.say(answer);
    await settle();
    expect(browser.peer.log.filter((line) => line === 'answer yes')).toHaveLength(1);
  });
});

describe('two calls, one after the other', () => {
  it('get each its own messages', async () => {
    const { alice, browser } = await online();
    const { socket } = browser;
    const first = alice.call('bob');
    await settle();
    socket.say({ type: 'callProgress', callID: ID1, n: 1, phase: 'inviting' });
    first.hangUp();
    const second = watch(alice.call('carol'));
    await settle();
    expect(socket.last()).toMatchObject({ legID: LEG2 });
    socket.say({ type: 'callProgress', callID: ID1, n: 2, phase: 'ringing' });
    socket.say({ type: 'stopCommunication', callID: ID1, n: 3, reason: 'cancelled', endedBy: 'caller' });
    socket.say({ type: 'callResponse', callResponse: 'accepted', sdpAnswer: 'old', callID: ID1, legID: LEG1, n: 4 });
    expect(second).toEqual(['requesting-media', 'inviting']);
    socket.say({ type: 'callProgress', callID: ID2, n: 1, phase: 'inviting' });
    socket.say({ type: 'callProgress', callID: ID2, n: 2, phase: 'ringing' });
    expect(second.at(-1)).toBe('ringing');
  });

  it('are told apart though the first was hung up before it had a callID', async () => {
    const { socket, second, phases } = await callAgain();
    socket.say({ type: 'callProgress', callID: ID1, n: 1, phase: 'inviting' });
    socket.say({ type: 'callProgress', callID: ID1, n: 2, phase: 'ringing' });
    expect(second.callID).toBeUndefined();
    socket.say({ type: 'callProgress', callID: ID2, n: 1, phase: 'inviting' });
    expect(second.callID).toBe(ID2);
    socket.say({ type: 'callProgress', callID: ID1, n: 3, phase: 'connecting' });
    expect(phases).toEqual(['requesting-media', 'inviting']);
  });

  it('are told apart by the legID where the server names it', async () => {
    const { socket, second } = await callAgain();
    socket.say({ type: 'callProgress', callID: ID2, n: 1, phase: 'inviting', legID: LEG2 });
    expect(second.callID).toBe(ID2);
  });

  it('crossing calls: the one placed here is busy, the one that came in goes on', async () => {
    const { alice, browser, incoming } = await online();
    const { socket } = browser;
    const phases = watch(alice.call('bob'));
    await settle();
    socket.say({ type: 'incomingCall', callerID: 'bob', callID: ID2, n: 2, media: 'video' });
    socket.say({ type: 'callResponse', callResponse: 'isBusy', callID: ID1, n: 1, reason: 'busy', endedBy: 'system' });
    expect(phases.at(-1)).toBe('ended busy by system');
    expect(incoming[0]!.state.phase).toBe('incoming');
  });
});

it('frames that are none are ignored', async () => {
  const { browser, errors } = await online();
  for (const data of ['{', '7', 'null', '{"type":"later"}', '{"type":"toString"}', new ArrayBuffer(2)])
    browser.socket.onmessage?.({ data });
  browser.socket.say({ type: 'stopCommunication' });
  expect(errors).toEqual([]);
});
