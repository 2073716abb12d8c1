import { describe, expect, it } from 'vitest';
import { settle } from './fakes.ts';
import { ID1, LEG1, online, watch } from './harness.ts';

async function rung() {
  const world = await online();
  const { socket } = world.browser;
  socket.say({ type: 'incomingCall', callerID: 'bob', callID: ID1, n: 2, media: 'video' });
  const call = world.incoming[0]!;
  return { ...world, socket, call, phases: watch(call) };
}

describe('a call that comes in', () => {
  it('is said to ring', async () => {
    const { socket, call } = await rung();
    expect(socket.last()).toEqual({ type: 'ringing', callID: ID1 });
    expect(call).toMatchObject({ direction: 'incoming', peerID: 'bob', media: 'video', callID: ID1 });
  });

  it('is accepted, and connects', async () => {
    const { browser, socket, call, phases } = await rung();
    call.accept();
    call.accept();
    await settle();
    const [answer, candidate] = socket.sent.slice(2);
    expect(answer).toMatchObject({
      type: 'incomingCallResponse',
      callerID: 'bob',
      callResponse: 'accepted',
      callID: ID1,
      legID: LEG1,
    });
    expect(candidate).toMatchObject({ type: 'onIceCandidate', callID: ID1, legID: LEG1 });
    socket.say({ type: 'callProgress', callID: ID1, n: 4, phase: 'connecting' });
    socket.say({ type: 'startCommunication', sdpAnswer: 'yes', callID: ID1, legID: LEG1, n: 5 });
    socket.say({ type: 'callProgress', callID: ID1, n: 7, phase: 'connected' });
    await settle();
    expect(phases).toEqual(['incoming', 'requesting-media', 'connecting', 'connected']);
    expect(browser.peers).toHaveLength(1);
    expect(browser.peer.log).toContain('answer yes');
  });

  it.each(['decline', 'hangUp'] as const)('is refused by %s', async (how) => {
    const { socket, call, phases } = await rung();
    call[how]();
    expect(socket.last()).toEqual({
      type: 'incomingCallResponse',
      callerID: 'bob',
      callResponse: 'rejected',
      callID: ID1,
    });
    expect(phases.at(-1)).toBe('ended declined by callee');
  });

  it('stops ringing when the caller gives up', async () => {
    const { socket, phases } = await rung();
    socket.say({
      type: 'stopCommunication',
      callID: ID1,
      n: 3,
      reason: 'cancelled',
      endedBy: 'caller',
      phase: 'ringing',
    });
    expect(phases.at(-1)).toBe('ended cancelled by caller');
  });

  it('stops ringing when another device took it, though the call has no newer version', async () => {
    const { socket, phases } = await rung();
    socket.say({
      type: 'stopCommunication',
      callID: ID1,
      n: 2,
      reason: 'answered_elsewhere',
      endedBy: 'callee',
      phase: 'ringing',
    });
    expect(phases.at(-1)).toBe('ended answered_elsewhere by callee');
  });

  it('ends though the server forgot the call, and with it its version', async () => {
    const { socket, phases } = await rung();
    socket.say({
      type: 'stopCommunication',
      callID: ID1,
      n: 0,
      reason: 'cancelled',
      endedBy: 'system',
      phase: 'ended',
    });
    expect(phases.at(-1)).toBe('ended cancelled by system');
  });

  it('is refused if hung up while the camera opens', async () => {
    const { socket, call } = await rung();
    call.accept();
    call.hangUp();
    await settle();
    expect(socket.last()).toMatchObject({ callResponse: 'rejected' });
    expect(socket.sent).toHaveLength(3);
  });

  it.each([
    ['not_ringing', 'ended cancelled by system', 0],
    ['service_unavailable', 'ended service_error by system', 1],
  ])('ends when the server does not take the accept in: %s', async (code, end, refusals) => {
    const { socket, call, phases } = await rung();
    call.accept();
    await settle();
    const before = socket.sent.length;
    socket.say({ type: 'error', code, message: 'no', re: 'incomingCallResponse' });
    expect(phases.at(-1)).toBe(end);
    expect(socket.sent.length - before).toBe(refusals);
    if (refusals > 0) expect(socket.last()).toMatchObject({ callResponse: 'rejected', callID: ID1 });
  });

  it('is shown once, also when it is told twice or after its end', async () => {
    const { socket, call, incoming } = await rung();
    const again = { type: 'incomingCall', callerID: 'bob', callID: ID1, n: 2, media: 'video' };
    socket.say(again);
    call.decline();
    socket.say(again);
    expect(incoming).toHaveLength(1);
  });

  it('with sound only asks for the microphone only, and has a place for a picture that may come', async () => {
    const { browser, incoming } = await online();
    browser.socket.say({ type: 'incomingCall', callerID: 'bob', callID: ID1, n: 2, media: 'audio' });
    incoming[0]!.accept();
    await settle();
    expect(browser.asked).toEqual([{ audio: true }]);
    expect(browser.peer.log).toEqual(['audio sendrecv', 'no video sendrecv']);
  });
});
