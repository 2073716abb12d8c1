/** Two who call each other, as one of them sees it: the server makes one call of the two. */
import { describe, expect, it } from 'vitest';
import { settle } from './fakes.ts';
import { callState, ID1, LEG1, online, watch } from './harness.ts';

const ring = { type: 'incomingCall', callerID: 'bob', callID: ID1, n: 1, media: 'video' };
const merged = callState({ n: 7, phase: 'connecting', role: 'callee' });

describe('who calls the one who rings here', () => {
  it('accepts that call', async () => {
    const { alice, browser, incoming } = await online();
    browser.socket.say(ring);
    const call = alice.call('bob');
    await settle();
    expect(call).toBe(incoming[0]);
    expect(browser.socket.types()).not.toContain('call');
    expect(browser.socket.sent.find(({ type }) => type === 'incomingCallResponse')).toMatchObject({
      callID: ID1,
      callResponse: 'accepted',
    });
  });

  it('does not accept somebody else’s', async () => {
    const { alice, browser } = await online();
    browser.socket.say(ring);
    alice.call('carol');
    await settle();
    expect(browser.socket.types()).toContain('call');
  });
});

describe('who is called by the one he is calling', () => {
  it('hears no ring, and his call goes on as the one', async () => {
    const { alice, browser, incoming } = await online();
    const call = alice.call('bob');
    browser.socket.say(ring); // while the camera opens
    await settle();
    expect(browser.socket.types()).toContain('call');
    browser.socket.say({ type: 'callProgress', callID: ID1, n: 6, phase: 'connecting' });
    browser.socket.say(merged);
    browser.socket.say({
      type: 'callResponse',
      callResponse: 'accepted',
      sdpAnswer: 'a',
      callID: ID1,
      legID: LEG1,
      n: 9,
    });
    await settle();
    expect([incoming, alice.calls]).toEqual([[], [call]]);
    expect([call.callID, call.role, call.state.phase]).toEqual([ID1, 'callee', 'connecting']);
    expect(browser.socket.types()).not.toContain('renegotiate');
    call.hangUp();
    expect(browser.socket.last()).toEqual({ type: 'stop', callID: ID1 });
    expect(incoming).toEqual([]);
  });

  it('hears it ring after all if his own call could not be placed', async () => {
    const { alice, browser, incoming } = await online({
      getMedia: () => Promise.reject(new DOMException('no', 'NotAllowedError')),
    });
    const phases = watch(alice.call('bob'));
    browser.socket.say(ring);
    await settle();
    expect(phases.at(-1)).toMatch(/^ended media_denied/);
    expect(incoming.map(({ callID, state }) => [callID, state.phase])).toEqual([[ID1, 'incoming']]);
  });

  it('hears nothing of a ring that is over by then', async () => {
    const { alice, browser, incoming } = await online();
    const call = alice.call('bob');
    browser.socket.say(ring);
    browser.socket.say({ type: 'stopCommunication', callID: ID1, n: 2, reason: 'cancelled', endedBy: 'caller' });
    call.hangUp();
    await settle();
    expect(incoming).toEqual([]);
  });
});
