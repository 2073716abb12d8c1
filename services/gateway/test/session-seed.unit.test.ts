/** The rows of "What a seed client gets, case by case" in docs/protocol.md. */
import type { DeviceEnding } from '@switchboard/protocol';
import { describe, expect, it } from 'vitest';
import { candidate, Driver, OFFER, RINGING } from './support/machine.ts';

const stop = { type: 'stopCommunication' };
const response = (callResponse: string) => ({ type: 'callResponse', callResponse });
type Reason = DeviceEnding['reason'];

describe('a seed caller', () => {
  const cases: [string, Reason, object[]][] = [
    ['it rings out', 'no_answer', [response('rejected')]],
    ['declined on one device', 'declined', [response('rejected')]],
    ['callee not online', 'unreachable', [response('notOnline')]],
    ['callee busy', 'busy', [response('isBusy')]],
    ['calls itself', 'forbidden', [response('rejected')]],
    ['unknown user', 'unknown_user', [response('rejected')]],
    ['setup fails before the caller has its answer', 'setup_failed', [response('exception'), stop]],
    ['no KMS has room', 'no_capacity', [response('exception'), stop]],
    ['its KMS dies before the caller has its answer', 'media_server_lost', [response('exception'), stop]],
    ['anything else', 'service_error', [response('exception'), stop]],
  ];
  it.each(cases)('%s (%s)', (_name, reason, frames) => {
    const ann = new Driver().login('seed');
    const { callID } = ann.place();
    expect(ann.end(callID, 'caller', reason)).toEqual(frames);
    expect(ann.end(callID, 'caller', reason), 'the end is told once').toEqual([]);
  });

  const later: Reason[] = ['completed', 'setup_failed', 'media_server_lost', 'node_drained', 'connection_lost'];
  it.each(later)('has its answer, then the call ends: %s', (reason) => {
    const ann = new Driver().login('seed');
    const { callID, legID } = ann.place();
    expect(ann.answer(callID, legID, 'caller')).toEqual([{ ...response('accepted'), sdpAnswer: 'v=0 the answer' }]);
    expect(ann.end(callID, 'caller', reason, true)).toEqual([stop]);
  });

  it('calls while engaged: isBusy, the running call is untouched', () => {
    const ann = new Driver().login('seed');
    const first = ann.place();
    ann.answer(first.callID, first.legID, 'caller');
    const second = ann.place();
    expect(ann.end(second.callID, 'caller', 'busy')).toEqual([response('isBusy')]);
    expect(ann.machine.held).toEqual({ calls: 1, legs: 1 });
  });

  it('cancelled: hears nothing more, whatever still comes', () => {
    const ann = new Driver().login('seed');
    const { callID, legID } = ann.place();
    expect(ann.client({ type: 'stop' })).toEqual([]);
    expect(ann.command('Stop')).toMatchObject({ callID, userID: 'ann', session: 's1', connection: 1 });
    const late = [
      ann.answer(callID, legID, 'caller'),
      ann.end(callID, 'caller', 'cancelled'),
      ann.route(callID, legID),
    ];
    expect(late).toEqual([[], [], []]);
    expect(ann.machine.held).toEqual({ calls: 0, legs: 0 });
  });

  it('gets no progress', () => {
    const ann = new Driver().login('seed');
    const { callID } = ann.place();
    expect(ann.mail({ type: 'Progress', callID, n: 2, phase: 'ringing' })).toEqual([]);
  });
});

describe("a seed callee's device", () => {
  it('rings, and counts as ringing once the frame was written', () => {
    const ann = new Driver().login('seed');
    expect(ann.ring()).toEqual([{ type: 'incomingCall', callerID: 'bob' }]);
    expect(ann.commands).toEqual([]);
    expect(ann.actions).toMatchObject([
      { kind: 'frame', written: { command: { type: 'DeviceRinging', callID: RINGING } } },
    ]);
  });

  const cases: [string, Reason][] = [
    ['it rings out', 'no_answer'],
    ["cancelled, or the caller's socket closed while ringing", 'cancelled'],
    ['declined on another device', 'declined_elsewhere'],
    ['accepted on another device', 'answered_elsewhere'],
    ['setup fails', 'setup_failed'],
  ];
  it.each(cases)('%s (%s): stopCommunication', (_name, reason) => {
    const ann = new Driver().login('seed');
    ann.ring();
    expect(ann.end(RINGING, 'callee', reason)).toEqual([stop]);
    expect(ann.end(RINGING, 'callee', reason)).toEqual([]);
  });

  it('declines: nothing comes back', () => {
    const ann = new Driver().login('seed');
    ann.ring();
    expect(ann.client({ type: 'incomingCallResponse', callerID: 'bob', callResponse: 'rejected' })).toEqual([]);
    expect(ann.command('Decline')).toEqual({
      type: 'Decline',
      userID: 'ann',
      session: 's1',
      connection: 1,
      callID: RINGING,
    });
    expect(ann.end(RINGING, 'callee', 'declined')).toEqual([]);
  });

  it('accepts: startCommunication, and its candidates follow their SDP', () => {
    const ann = new Driver().login('seed');
    ann.ring();
    const legID = ann.accept();
    expect(ann.command('Accept')).toMatchObject({
      callID: RINGING,
      userID: 'ann',
      device: { session: 's1', gateway: 'gw-1' },
    });
    expect(ann.mail({ type: 'LocalCandidate', callID: RINGING, attempt: 1, legID, candidate })).toEqual([]);
    expect(ann.answer(RINGING, legID, 'callee')).toEqual([
      { type: 'startCommunication', sdpAnswer: 'v=0 the answer' },
      { type: 'iceCandidate', candidate },
    ]);
    expect(ann.end(RINGING, 'callee', 'completed', true)).toEqual([stop]);
  });

  it.each(['accepted', 'rejected'])('%s after the end that it was told of: nothing', (callResponse) => {
    const ann = new Driver().login('seed');
    ann.ring();
    ann.end(RINGING, 'callee', 'answered_elsewhere');
    expect(ann.client({ type: 'incomingCallResponse', callerID: 'bob', callResponse, sdpOffer: OFFER })).toEqual([]);
    expect(ann.commands).toEqual([]);
  });

  it('accepts before it was told of the end: stopCommunication', () => {
    const ann = new Driver().login('seed');
    ann.ring();
    ann.accept();
    expect(ann.end(RINGING, 'callee', 'answered_elsewhere')).toEqual([stop]);
  });

  it('stop without a callID never ends a call that only rings', () => {
    const ann = new Driver().login('seed');
    ann.ring();
    expect(ann.client({ type: 'stop' })).toEqual([]);
    expect(ann.commands).toEqual([]);
  });
});

describe('what a seed client gets wrong', () => {
  const accepted = { type: 'incomingCallResponse', callerID: 'zoe', callResponse: 'accepted', sdpOffer: OFFER };
  const silent: [string, object | string][] = [
    ['no JSON', '{'],
    ['JSON that is no object', '[1]'],
    ['an unknown type', { type: 'teleport' }],
    ['presence, which it does not know', { type: 'presence', userIDs: ['bob'] }],
    ['a state of its own', { type: 'setPresence', state: 'away' }],
    ['renegotiate', { type: 'renegotiate', callID: RINGING, sdpOffer: OFFER, legID: 'x' }],
    ['mediaState', { type: 'mediaState', callID: RINGING, audio: true, video: false }],
    ['a type from the prototype', { type: 'constructor' }],
    ["an answer to somebody who doesn't call", accepted],
    ['a candidate without a call', { type: 'onIceCandidate', candidate }],
    ['a candidate that is none', { type: 'onIceCandidate', candidate: 7 }],
    ['ringing, which it does not know', { type: 'ringing', callID: RINGING }],
    ['stop with nothing to stop', { type: 'stop' }],
  ];
  it.each(silent)('%s: nothing', (_name, message) => {
    const ann = new Driver().login('seed');
    expect(ann.client(message)).toEqual([]);
    expect(ann.actions.every(({ kind }) => kind === 'count')).toBe(true);
  });

  const badCalls: [string, object][] = [
    ['without an offer', { callerID: 'ann', calleeID: 'bob' }],
    ['with SDP that is none', { callerID: 'ann', calleeID: 'bob', sdpOffer: 'hello' }],
    ["with somebody else's callerID", { callerID: 'eve', calleeID: 'bob', sdpOffer: OFFER }],
    ['without a callee', { callerID: 'ann', sdpOffer: OFFER }],
  ];
  it.each(badCalls)('a call %s: callResponse exception', (_name, fields) => {
    const ann = new Driver().login('seed');
    expect(ann.client({ type: 'call', ...fields })).toEqual([response('exception')]);
    expect(ann.commands).toEqual([]);
  });

  it('a second login: loginResponse rejected, the session unchanged', () => {
    const ann = new Driver().login('seed');
    expect(ann.client({ type: 'login', userID: 'eve' })).toEqual([
      { type: 'loginResponse', content: 'rejected', error: expect.stringContaining('already_logged_in') },
    ]);
    expect(ann.machine.identity?.userID).toBe('ann');
  });

  const beforeLogin: object[] = [
    { type: 'call', callerID: 'ann', calleeID: 'bob', sdpOffer: OFFER },
    { type: 'stop' },
    { type: 'login' },
    { type: 'login', userID: '' },
    { type: 'login', userID: 1.5 },
  ];
  it.each(beforeLogin)('before login, %j: loginResponse rejected', (message) => {
    const frames = new Driver().client(message);
    expect(frames).toEqual([{ type: 'loginResponse', content: 'rejected', error: expect.any(String) }]);
  });
});

describe('a seed client', () => {
  it('may log in and call with integers', () => {
    const ann = new Driver();
    ann.client({ type: 'login', userID: 7 });
    expect(ann.command('AttachDevice')).toEqual({
      ...{ type: 'AttachDevice', userID: '7', socket: 's1', gateway: 'gw-1', capabilities: [] },
    });
    ann.client({ type: 'call', callerID: 7, calleeID: 8, sdpOffer: OFFER });
    expect(ann.command('Place')).toMatchObject({ userID: '7', calleeID: '8' });
  });

  it('is told nothing at login', () => {
    const ann = new Driver();
    expect(ann.client({ type: 'login', userID: 'ann', token: 't', deviceID: 'd' })).toEqual([]);
    expect(ann.attach()).toEqual([]);
  });

  it('sends candidates long before anybody answered: they wait for the route', () => {
    const ann = new Driver().login('seed');
    const { callID, legID } = ann.place();
    for (let i = 0; i < 3; i += 1)
      ann.client({ type: 'onIceCandidate', candidate: { ...candidate, sdpMLineIndex: i } });
    expect(ann.actions).toEqual([]);
    ann.route(callID, legID);
    expect(ann.candidates.map(({ sdpMLineIndex }) => sdpMLineIndex)).toEqual([0, 1, 2]);
    ann.client({ type: 'onIceCandidate', candidate });
    expect(ann.candidates).toEqual([candidate]);
  });

  it("never sends a refused call's candidates into the running one", () => {
    const ann = new Driver().login('seed');
    const first = ann.place();
    ann.route(first.callID, first.legID);
    const second = ann.place();
    ann.end(second.callID, 'caller', 'busy');
    expect(ann.client({ type: 'onIceCandidate', candidate })).toEqual([]);
    expect(ann.candidates).toEqual([]);
  });

  it('hears that its call failed when the log is not reached', () => {
    const ann = new Driver().login('seed');
    ann.place();
    const place = ann.command('Place');
    expect(ann.failed(place, 'unknown')).toEqual([response('exception'), stop]);
    expect(ann.command('Stop').callID).toBe(place.callID);
    expect(ann.end(place.callID, 'caller', 'service_error')).toEqual([]);
  });
});
