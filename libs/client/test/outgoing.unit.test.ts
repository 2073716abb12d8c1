import { describe, expect, it } from 'vitest';
import { settle } from './fakes.ts';
import { ID1, LEG1, online, watch } from './harness.ts';

async function placed() {
  const world = await online();
  const call = world.alice.call('bob');
  const phases = watch(call);
  await settle();
  return { ...world, call, phases, socket: world.browser.socket };
}

describe('a call that this device places', () => {
  it('goes through every phase until the callee hangs up', async () => {
    const { browser, socket, call, phases } = await placed();
    expect(socket.sent[1]).toMatchObject({
      type: 'call',
      callerID: 'alice',
      calleeID: 'bob',
      media: 'video',
      legID: LEG1,
    });
    socket.say({ type: 'callProgress', callID: ID1, n: 1, phase: 'inviting' });
    socket.say({ type: 'callProgress', callID: ID1, n: 3, phase: 'ringing' });
    socket.say({ type: 'callProgress', callID: ID1, n: 4, phase: 'connecting' });
    socket.say({ type: 'callResponse', callResponse: 'accepted', sdpAnswer: 'yes', callID: ID1, n: 5, legID: LEG1 });
    await settle();
    browser.pass(1234);
    socket.say({ type: 'callProgress', callID: ID1, n: 8, phase: 'connected' });
    expect(call.state).toEqual({ phase: 'connected', since: 1234 });
    socket.say({
      type: 'stopCommunication',
      callID: ID1,
      n: 9,
      reason: 'completed',
      endedBy: 'callee',
      phase: 'connected',
    });
    expect(phases).toEqual([
      'requesting-media',
      'inviting',
      'ringing',
      'connecting',
      'connected',
      'ended completed by callee',
    ]);
    expect(browser.peer.log).toEqual(['audio sendrecv', 'video sendrecv', 'answer yes']);
    expect(browser.peer.config).toEqual({ iceServers: [{ urls: 'stun:there' }] });
    expect(browser.peer.closed).toBe(true);
    expect(browser.streams[0]!.tracks.every(({ stopped }) => stopped)).toBe(true);
    expect(socket.types()).not.toContain('stop');
  });

  it.each([
    [{ callResponse: 'notOnline', reason: 'unreachable', endedBy: 'system' }, 'ended unreachable by system'],
    [{ callResponse: 'isBusy', reason: 'busy', endedBy: 'callee' }, 'ended busy by callee'],
    [{ callResponse: 'rejected', reason: 'declined', endedBy: 'callee' }, 'ended declined by callee'],
    [{ callResponse: 'rejected', reason: 'no_answer', endedBy: 'system' }, 'ended no_answer by system'],
    [{ callResponse: 'exception', reason: 'setup_failed', endedBy: 'system' }, 'ended setup_failed by system'],
    [{ callResponse: 'exception' }, 'ended service_error by system'],
    [{ callResponse: 'notOnline' }, 'ended unreachable by system'],
  ])('ends on %j', async (response, end) => {
    const { socket, phases } = await placed();
    socket.say({ type: 'callResponse', callID: ID1, n: 2, ...response });
    expect(phases.at(-1)).toBe(end);
  });

  it('cancels while it rings, and is over at once', async () => {
    const { socket, call, phases } = await placed();
    socket.say({ type: 'callProgress', callID: ID1, n: 1, phase: 'inviting' });
    socket.say({ type: 'callProgress', callID: ID1, n: 2, phase: 'ringing' });
    call.hangUp();
    expect(socket.last()).toEqual({ type: 'stop', callID: ID1 });
    expect(phases.at(-1)).toBe('ended cancelled by caller');
  });

  it('cancels before the server said which callID it has', async () => {
    const { socket, call, phases } = await placed();
    call.hangUp();
    expect(socket.last()).toEqual({ type: 'stop' });
    expect(phases.at(-1)).toBe('ended cancelled by caller');
    socket.say({ type: 'callProgress', callID: ID1, n: 1, phase: 'inviting' });
    socket.say({ type: 'callProgress', callID: ID1, n: 2, phase: 'ringing' });
    expect(phases.at(-1)).toBe('ended cancelled by caller');
  });

  it('sends nothing if hung up while the camera opens, and frees the camera', async () => {
    const { alice, browser } = await online();
    alice.call('bob').hangUp();
    await settle();
    expect(browser.socket.types()).toEqual(['login']);
    expect(browser.streams[0]!.tracks.every(({ stopped }) => stopped)).toBe(true);
  });

  it('hangs up when connected', async () => {
    const { socket, call, phases } = await placed();
    socket.say({ type: 'callProgress', callID: ID1, n: 1, phase: 'connected' });
    call.hangUp();
    call.hangUp();
    expect(socket.types().filter((type) => type === 'stop')).toHaveLength(1);
    expect(phases.at(-1)).toBe('ended completed by caller');
  });

  it('ends when the server does not take the call in', async () => {
    const { socket, phases, errors } = await placed();
    socket.say({ type: 'error', code: 'bad_message', message: 'sdpOffer: …', re: 'call' });
    expect(phases.at(-1)).toBe('ended service_error by system');
    expect(errors).toEqual(['bad_message']);
  });

  it('ends when the answer is none', async () => {
    const { socket, phases, errors } = await placed();
    socket.say({ type: 'callResponse', callResponse: 'accepted', sdpAnswer: 'bad', callID: ID1, n: 2 });
    await settle();
    expect(phases.at(-1)).toBe('ended setup_failed by caller');
    expect(socket.last()).toEqual({ type: 'stop', callID: ID1 });
    expect(errors).toEqual(['setup_failed']);
  });

  it('cannot be placed without a connection', async () => {
    const { alice } = await online();
    alice.disconnect();
    expect(() => alice.call('bob')).toThrow(expect.objectContaining({ code: 'not_connected' }));
  });
});
