/** A socket that breaks while there are calls. */
import { describe, expect, it } from 'vitest';
import { settle } from './fakes.ts';
import {
  AT_REST,
  acceptLogin,
  breakSocket,
  callState,
  comeBack,
  connected,
  GRACE_MS,
  ID1,
  LEG1,
  online,
  watch,
} from './harness.ts';

describe('a broken socket', () => {
  it('leaves the calls alive, and the next gateway is asked to go on with them', async () => {
    const { browser, phases, call } = await connected('video', { gateways: ['https://a', 'https://b'] });
    breakSocket(browser);
    browser.pass(1_000);
    expect(browser.socket.url).toBe('wss://b/videoCall');
    await acceptLogin(browser, { sessionID: 's1', callID: ID1 });
    expect(browser.socket.sent[0]).toMatchObject({
      type: 'login',
      resume: { sessionID: 's1', fresh: false, calls: [ID1] },
    });
    expect(phases).toEqual(['connected']);
    browser.pass(GRACE_MS);
    browser.socket.say(callState());
    expect(call.state.phase).toBe('connected');
    expect(browser.peers).toHaveLength(1);
  });

  it('without any call is resumed too', async () => {
    const { browser } = await online();
    breakSocket(browser);
    await comeBack(browser);
    expect(browser.socket.sent).toMatchObject([
      { type: 'login', resume: { sessionID: 's1', fresh: false, calls: [] } },
    ]);
    expect(browser.pendingTimers).toBe(AT_REST);
  });

  it('whose session is gone ends the calls, and nothing of them is said to the new session', async () => {
    const { alice, browser, phases } = await connected();
    breakSocket(browser);
    await comeBack(browser, { sessionID: 's2' });
    expect(phases.at(-1)).toBe('ended connection_lost by system');
    expect(browser.socket.types()).toEqual(['login']);
    expect(alice.state).toMatchObject({ status: 'online', sessionID: 's2' });
    expect(browser.streams[0]!.tracks.every(({ stopped }) => stopped)).toBe(true);
  });

  it('that does not come back in the grace time, counted from the break, ends the calls', async () => {
    const { browser, phases } = await connected();
    breakSocket(browser);
    browser.pass(500);
    breakSocket(browser);
    browser.pass(GRACE_MS - 501);
    expect(phases).toEqual(['connected']);
    browser.pass(1);
    expect(phases.at(-1)).toBe('ended connection_lost by system');
  });

  it('that came back in time starts no end later', async () => {
    const { browser, phases } = await connected();
    breakSocket(browser);
    await comeBack(browser);
    expect(browser.pendingTimers).toBe(AT_REST);
    browser.pass(60_000);
    expect(phases).toEqual(['connected']);
  });

  it('of a server that waits for nobody ends the calls at once', async () => {
    const { alice, browser } = await online();
    browser.socket.say({
      ...{ type: 'loginResponse', content: 'accepted', sessionID: 's1', iceServers: [], graceMs: 0, gateways: [] },
    });
    const phases = watch(alice.call('bob'));
    await settle();
    breakSocket(browser);
    browser.pass(0);
    expect(phases.at(-1)).toBe('ended connection_lost by system');
  });

  it('lets a call that rang ring anew in the session that follows', async () => {
    const { browser, incoming } = await online();
    const ring = { type: 'incomingCall', callerID: 'bob', callID: ID1, n: 2, media: 'video' };
    browser.socket.say(ring);
    const phases = watch(incoming[0]!);
    breakSocket(browser);
    await comeBack(browser, { sessionID: 's2' });
    expect(phases.at(-1)).toBe('ended connection_lost by system');
    browser.socket.say(ring);
    expect(incoming).toHaveLength(2);
    expect(browser.socket.last()).toEqual({ type: 'ringing', callID: ID1 });
  });
});

it('a session that another page took over is left to it', async () => {
  const { alice, browser, phases, errors } = await connected();
  browser.socket.onclose?.({ code: 4001, reason: '' });
  expect(alice.state).toMatchObject({ status: 'closed', error: { code: 'session_taken_over' } });
  expect(errors).toEqual(['session_taken_over']);
  expect(phases.at(-1)).toBe('ended connection_lost by system');
  browser.pass(60_000);
  expect(browser.sockets).toHaveLength(1);
  expect(browser.storage.items.size).toBe(0);
  expect(browser.locks.size).toBe(0);
  expect(browser.pageHides).toBeUndefined();
});

it('a call placed on the new socket has a leg of its own name', async () => {
  const { alice, browser } = await online();
  breakSocket(browser);
  await comeBack(browser);
  alice.call('bob');
  await settle();
  expect(browser.socket.sent[1]).toMatchObject({ type: 'call', legID: LEG1 });
});
