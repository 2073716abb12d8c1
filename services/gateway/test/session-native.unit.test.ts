import { MAX_HELD_CANDIDATES, serverMessage, type LegID } from '@switchboard/protocol';
import { describe, expect, it } from 'vitest';
import { MOST_CALLS } from '../src/session/calls.ts';
import { candidate, Driver, OFFER, RINGING } from './support/machine.ts';

const error = (code: string, re?: string) => [{ type: 'error', code, message: expect.any(String), ...(re && { re }) }];

describe('a native client', () => {
  it('is welcomed once', () => {
    const ann = new Driver();
    ann.client({ type: 'login', userID: 'ann', capabilities: ['native', 'unheard-of'], deviceID: 'phone' });
    expect(ann.command('AttachDevice')).toMatchObject({ capabilities: ['native'], deviceID: 'phone' });
    const frames = ann.attach();
    const gateways = ['https://localhost:8443'];
    expect(frames).toEqual([
      { type: 'loginResponse', content: 'accepted', sessionID: 's1', iceServers: [], graceMs: 30_000, gateways },
    ]);
    expect(ann.attach()).toEqual([]);
  });

  it('is told everything about its call, under the names that it gave', () => {
    const ann = new Driver().login('native');
    const { callID, legID } = ann.place({ legID: 'offer-1', media: 'audio', requestID: 'r1' });
    expect(ann.command('Place')).toMatchObject({ media: 'audio', requestID: 'r1', legID: 's1:offer-1' });
    const told = [
      ...ann.mail({ type: 'Progress', callID, n: 2, phase: 'ringing' }),
      ...ann.mail({ type: 'LocalCandidate', callID, attempt: 1, legID, candidate }),
      ...ann.answer(callID, legID, 'caller'),
      ...ann.end(callID, 'caller', 'completed', true),
    ];
    expect(told).toEqual([
      { type: 'callProgress', callID, n: 2, phase: 'ringing' },
      { type: 'callResponse', callResponse: 'accepted', sdpAnswer: 'v=0 the answer', callID, legID: 'offer-1', n: 5 },
      { type: 'iceCandidate', candidate, callID, legID: 'offer-1' },
      { type: 'stopCommunication', callID, n: 9, reason: 'completed', endedBy: 'system', phase: 'ringing' },
    ]);
    for (const frame of told) expect(serverMessage.safeParse(frame).success).toBe(true);
  });

  it('is told the exact reason of a refusal, and no second frame', () => {
    const ann = new Driver().login('native');
    const { callID } = ann.place();
    expect(ann.end(callID, 'caller', 'no_capacity')).toEqual([
      {
        type: 'callResponse',
        callResponse: 'exception',
        callID,
        n: 9,
        reason: 'no_capacity',
        endedBy: 'system',
        phase: 'ringing',
      },
    ]);
  });

  it('says itself that it rings', () => {
    const ann = new Driver().login('native');
    expect(ann.ring()).toEqual([{ type: 'incomingCall', callerID: 'bob', callID: RINGING, n: 2, media: 'video' }]);
    expect(ann.actions).toHaveLength(1);
    expect(ann.actions[0]).not.toHaveProperty('written');
    ann.client({ type: 'ringing', callID: RINGING });
    expect(ann.command('DeviceRinging')).toMatchObject({ callID: RINGING, session: 's1' });
  });

  it('learns the callID of a call that it gave up before it was named, and nothing else of it', () => {
    const ann = new Driver().login('native');
    const { callID, legID } = ann.place();
    ann.client({ type: 'stop' });
    expect(ann.answer(callID, legID, 'caller')).toEqual([]);
    expect(ann.mail({ type: 'Progress', callID, n: 1, phase: 'inviting' })).toHaveLength(1);
    expect(ann.mail({ type: 'Progress', callID, n: 2, phase: 'ringing' })).toEqual([]);
    expect(ann.machine.held).toEqual({ calls: 0, legs: 0 });
  });

  it('may send a call again under the same requestID', () => {
    const ann = new Driver().login('native');
    ann.place({ requestID: 'r' });
    const again = { type: 'call', callerID: 'ann', calleeID: 'bob', sdpOffer: OFFER, requestID: 'r' };
    expect(ann.client(again)).toEqual([]);
    expect(ann.commands).toEqual([]);
  });

  it('names the leg of its candidates', () => {
    const ann = new Driver().login('native');
    const one = ann.place({ legID: 'a' });
    ann.route(one.callID, one.legID);
    ann.client({ type: 'onIceCandidate', candidate, legID: 'a' });
    expect(ann.candidates).toEqual([candidate]);
    ann.client({ type: 'onIceCandidate', candidate, callID: one.callID });
    expect(ann.candidates).toEqual([candidate]);
  });
});

describe('what a native client gets wrong is named', () => {
  const answer = { type: 'incomingCallResponse', callerID: 'bob', callResponse: 'accepted', sdpOffer: OFFER };
  const call = { type: 'call', callerID: 'ann', calleeID: 'bob', sdpOffer: OFFER };
  const cases: [string, object | string, object[]][] = [
    ['no JSON', 'nonsense', error('bad_json')],
    ['JSON that is no object', '"text"', error('bad_message')],
    ['no type', {}, error('bad_message')],
    ['an unknown type', { type: 'reboot' }, error('unknown_type', 'reboot')],
    ['a missing field', { type: 'call', callerID: 'ann' }, error('bad_message', 'call')],
    ['SDP that is none', { ...call, sdpOffer: 'v=1' }, error('bad_message', 'call')],
    ['a second login', { type: 'login', userID: 'ann' }, error('already_logged_in', 'login')],
    ["somebody else's callerID", { ...call, callerID: 'eve' }, error('identity_mismatch', 'call')],
    ["an answer to a call that isn't ringing", answer, error('not_ringing', 'incomingCallResponse')],
    ['an answer to an unknown call', { ...answer, callID: RINGING }, error('not_ringing', 'incomingCallResponse')],
    ['ringing without a call', { type: 'ringing', callID: RINGING }, error('not_ringing', 'ringing')],
    ['a candidate without a call', { type: 'onIceCandidate', candidate }, error('no_such_call', 'onIceCandidate')],
    [
      'a candidate of an unknown leg',
      { type: 'onIceCandidate', candidate, legID: 'x' },
      error('no_such_call', 'onIceCandidate'),
    ],
    ['stop of an unknown call', { type: 'stop', callID: RINGING }, error('no_such_call', 'stop')],
  ];
  it.each(cases)('%s', (_name, message, frames) => {
    const ann = new Driver().login('native');
    expect(ann.client(message)).toEqual(frames);
    expect(ann.commands).toEqual([]);
  });

  it('names the field', () => {
    const [frame] = new Driver().login('native').client({ ...call, sdpOffer: 5, calleeID: '' });
    expect(frame).toMatchObject({ message: expect.stringMatching(/calleeID: .*; sdpOffer: /) });
  });

  it("refuses an accept in another caller's name, and a stop of a call that only rings", () => {
    const ann = new Driver().login('native');
    ann.ring();
    expect(ann.client({ ...answer, callID: RINGING, callerID: 'eve' })).toEqual(
      error('identity_mismatch', 'incomingCallResponse'),
    );
    expect(ann.client({ type: 'stop', callID: RINGING })).toEqual(error('no_such_call', 'stop'));
  });

  it('refuses a leg name that is in use', () => {
    const ann = new Driver().login('native');
    ann.place({ legID: 'x' });
    expect(ann.client({ ...call, legID: 'x' })).toEqual(error('bad_message', 'call'));
  });
});

describe('candidates', () => {
  it('wait for the answer of their leg, follow it in order, and are dropped for another attempt', () => {
    const ann = new Driver().login('native');
    const { callID, legID } = ann.place();
    const local = (attempt: number, sdpMLineIndex: number) =>
      ann.mail({ type: 'LocalCandidate', callID, attempt, legID, candidate: { ...candidate, sdpMLineIndex } });
    expect([...local(1, 0), ...local(2, 1)]).toEqual([]);
    ann.route(callID, legID, 2);
    expect([...local(2, 2), ...local(1, 3)]).toEqual([]);
    const frames = ann.answer(callID, legID, 'caller');
    expect(frames.map((frame) => frame.type)).toEqual(['callResponse', 'iceCandidate', 'iceCandidate']);
    expect(frames.slice(1)).toMatchObject([{ candidate: { sdpMLineIndex: 1 } }, { candidate: { sdpMLineIndex: 2 } }]);
    expect(local(2, 4)).toMatchObject([{ type: 'iceCandidate' }]);
    expect(local(1, 5)).toEqual([]);
  });

  it('go again to the worker of another attempt', () => {
    const ann = new Driver().login('seed');
    const { callID, legID } = ann.place();
    ann.client({ type: 'onIceCandidate', candidate });
    ann.route(callID, legID, 1);
    expect(ann.candidates).toHaveLength(1);
    ann.route(callID, legID, 1);
    expect(ann.candidates).toHaveLength(0);
    ann.route(callID, legID, 2);
    expect(ann.candidates).toHaveLength(1);
  });

  it('are held in bounds, both ways', () => {
    const ann = new Driver().login('seed');
    const { callID, legID } = ann.place();
    for (let i = 0; i < 500; i += 1) {
      ann.client({ type: 'onIceCandidate', candidate });
      ann.mail({ type: 'LocalCandidate', callID, attempt: 1, legID, candidate });
    }
    ann.route(callID, legID);
    expect(ann.candidates).toHaveLength(MAX_HELD_CANDIDATES);
    expect(ann.answer(callID, legID, 'caller')).toHaveLength(1 + MAX_HELD_CANDIDATES);
  });

  it('an answer is written once, and one whose text is gone not at all', () => {
    const ann = new Driver().login('native');
    const { callID, legID } = ann.place();
    expect(ann.mail({ type: 'Answer', callID, legID, n: 3, role: 'caller', renegotiated: false })).toEqual([]);
    expect(ann.answer(callID, legID, 'caller')).toHaveLength(1);
    expect(ann.answer(callID, legID, 'caller')).toEqual([]);
  });

  it("another call's leg is not touched", () => {
    const ann = new Driver().login('native');
    const { legID } = ann.place();
    expect(ann.answer(RINGING, legID, 'caller')).toEqual([]);
    expect(ann.answer(RINGING, 'other:leg' as LegID, 'caller')).toEqual([]);
  });
});

describe('mail', () => {
  it.each([
    ['another session', { session: 'other', connection: 1 }],
    ['another connection', { session: 's1', connection: 2 }],
  ])('for %s is dropped', (_name, to) => {
    const ann = new Driver().login('native');
    const message = { type: 'Incoming', callID: RINGING, n: 1, callerID: 'bob', media: 'video', ...to } as never;
    expect(ann.take(ann.machine.mail(message, {}))).toEqual([]);
    expect(ann.machine.held.calls).toBe(0);
  });

  it('of calls that nobody told this session of is dropped', () => {
    const ann = new Driver().login('native');
    expect(ann.end(RINGING, 'callee', 'cancelled')).toEqual([]);
    expect(ann.mail({ type: 'Progress', callID: RINGING, n: 1, phase: 'ringing' })).toEqual([]);
  });

  it('rings once', () => {
    const ann = new Driver().login('native');
    expect(ann.ring()).toHaveLength(1);
    expect(ann.ring()).toHaveLength(0);
  });
});

describe('when the log is not reached', () => {
  it('a native client is told which message failed, and may try again', () => {
    const ann = new Driver().login('native');
    ann.place();
    expect(ann.failed(ann.command('Place'), 'refused')).toEqual(error('service_unavailable', 'call'));
    expect(ann.commands).toEqual([]);
    ann.ring();
    const first = ann.accept();
    expect(ann.failed(ann.command('Accept'), 'unknown')).toEqual(error('service_unavailable', 'incomingCallResponse'));
    expect(ann.accept()).not.toBe(first);
    expect(ann.answer(RINGING, first, 'callee'), 'it went through after all').toHaveLength(1);
  });

  it('a login that was not taken leaves the socket before its login', () => {
    const ann = new Driver();
    ann.client({ type: 'login', userID: 'ann', capabilities: ['native'] });
    expect(ann.failed(ann.command('AttachDevice'), 'refused')).toEqual(error('service_unavailable', 'login'));
    ann.client({ type: 'login', userID: 'ann', capabilities: ['native'] });
    expect(ann.command('AttachDevice').socket).toBe('s2');
  });

  it('a login of which nobody knows is still on its way', () => {
    const ann = new Driver();
    ann.client({ type: 'login', userID: 'ann', capabilities: ['native'] });
    expect(ann.failed(ann.command('AttachDevice'), 'unknown')).toEqual(error('service_unavailable', 'login'));
    expect(ann.attach()).toMatchObject([{ content: 'accepted' }]);
  });
});

describe('the end of a session', () => {
  it('is told to the Line once, and nothing is heard after', () => {
    const ann = new Driver().login('native');
    ann.ring();
    const close = { type: 'CloseSocket', userID: 'ann', socket: 's1', resumable: true };
    expect(ann.closed(1006)).toEqual([close]);
    expect(ann.closed(1006)).toEqual([]);
    expect(ann.client({ type: 'stop' })).toEqual([]);
    expect(ann.machine.held).toEqual({ calls: 0, legs: 0 });
  });

  it.each([
    ['native', 1000, false],
    ['native', 1001, true],
    ['native', 1005, true],
    ['native', 1006, true],
    ['native', 4002, true],
    ['native', 1012, true],
    ['seed', 1000, false],
    ['seed', 1006, false],
  ] as const)('a %s client whose socket closes with %i may come back: %s', (who, code, resumable) => {
    const [command] = new Driver().login(who).closed(code);
    expect(command).toEqual({ type: 'CloseSocket', userID: 'ann', socket: 's1', resumable });
  });

  it('a session keeps no more than so many calls', () => {
    const ann = new Driver().login('native');
    for (let i = 0; i < MOST_CALLS; i += 1) ann.place();
    expect(ann.client({ type: 'call', callerID: 'ann', calleeID: 'bob', sdpOffer: OFFER })).toEqual(
      error('rate_limited', 'call'),
    );
    expect(ann.machine.held.calls).toBe(MOST_CALLS);
  });
});
