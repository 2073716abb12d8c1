/** A client comes back on another socket: which session it gets, and how it learns what became of its calls. */
import { serverMessage, type CallID, type LegID, type SessionID } from '@switchboard/protocol';
import { describe, expect, it } from 'vitest';
import { candidate, Driver, OFFER, RINGING, ANSWER, withAnswer, worker } from './support/machine.ts';

const LEG = 's0:offer-1' as LegID;
const OTHER = '4-018bcfe5-6800-7000-8000-000000000009' as CallID;
const ON_WORKER = { legID: LEG, attempt: 2, workerID: worker };
const state = {
  ...{ type: 'callState', callID: RINGING, n: 7, phase: 'connecting', role: 'caller', peer: 'bob', media: 'video' },
  ...{ peerState: 'connected', peerMedia: { audio: true, video: true, screen: false } },
};
const notResumed = (re: string) => [{ type: 'error', code: 'not_resumed', message: expect.any(String), re }];

/** Ann's second socket; her client believes that she is in this call. */
function back(fresh = false): Driver {
  const ann = new Driver();
  ann.askToResume({ calls: [RINGING], fresh });
  ann.resumed(RINGING);
  return ann;
}

describe('a client that comes back', () => {
  it('names its socket and the session that it wants, and is that session again', () => {
    const ann = new Driver();
    expect(ann.askToResume()).toEqual([]);
    expect(ann.command('AttachDevice')).toMatchObject({ userID: 'ann', socket: 's1', resume: 's0' });
    expect(ann.machine.identity).toMatchObject({ userID: 'ann', session: 's1' });
    expect(ann.resumed()).toMatchObject([{ type: 'loginResponse', sessionID: 's0', graceMs: 30_000 }]);
    expect(ann.machine.identity).toMatchObject({ userID: 'ann', session: 's0' });
    ann.place({ legID: 'a' });
    expect(ann.command('Place')).toMatchObject({ session: 's0', connection: 2, legID: 's0:a' });
  });

  it('is a new session if nobody knows the old one', () => {
    const ann = new Driver();
    ann.askToResume({ calls: [RINGING] });
    expect(ann.attach()).toMatchObject([{ type: 'loginResponse', sessionID: 's1' }]);
    expect(ann.command('PartyHere')).toMatchObject({ device: { session: 's1', connection: 1 } });
    ann.place();
    expect(ann.command('Place')).toMatchObject({ session: 's1', connection: 1 });
  });

  it('is told to wait until it is known which session it has', () => {
    const ann = new Driver();
    ann.askToResume();
    const call = { type: 'call', callerID: 'ann', calleeID: 'bob', sdpOffer: OFFER };
    expect(ann.client(call)).toEqual(notResumed('call'));
    expect(ann.client({ type: 'stop' })).toEqual(notResumed('stop'));
    expect(ann.client({ type: 'presence', userIDs: ['bob'] })).toEqual(notResumed('presence'));
    expect(ann.commands).toEqual([]);
    expect(ann.client({ type: 'login', userID: 'ann' })).toMatchObject([{ code: 'already_logged_in' }]);
    expect(ann.ring(), 'mail for the socket that is no session yet').toEqual([]);
    ann.resumed();
    expect(ann.client(call)).toEqual([]);
    expect(ann.commands).toHaveLength(1);
  });

  it('asks each call that it may be in, once', () => {
    const ann = new Driver();
    ann.askToResume({ calls: [RINGING, OTHER], fresh: true });
    expect(ann.resumed(RINGING)).toMatchObject([{ type: 'loginResponse', callID: RINGING }]);
    const device = { session: 's0', connection: 2, gateway: 'gw-1', capabilities: ['native'] };
    const asked = { type: 'PartyHere', userID: 'ann', device, fresh: true };
    expect(ann.commands).toEqual([
      { ...asked, callID: RINGING },
      { ...asked, callID: OTHER },
    ]);
  });

  it('cannot make mail for a partition that does not exist', () => {
    const ann = new Driver();
    ann.askToResume({
      calls: ['32-018bcfe5-6800-7000-8000-000000000001', '99999-018bcfe5-6800-7000-8000-000000000001'],
    });
    expect(ann.resumed()).toHaveLength(1);
    expect(ann.commands).toEqual([]);
    expect(ann.machine.held.calls).toBe(0);
  });

  it('hears how a call ended that is over, once', () => {
    const ann = back();
    expect(ann.end(RINGING, 'callee', 'completed')).toMatchObject([
      { type: 'stopCommunication', callID: RINGING, reason: 'completed' },
    ]);
    expect(ann.end(RINGING, 'callee', 'completed')).toEqual([]);
    expect(ann.machine.held.calls).toBe(0);
  });

  it('rings again with a call that it had named', () => {
    const ann = back();
    expect(ann.ring()).toMatchObject([{ type: 'incomingCall', callID: RINGING, n: 2 }]);
    ann.accept();
    expect(ann.command('Accept')).toMatchObject({ callID: RINGING, device: { session: 's0', connection: 2 } });
  });

  it('may hang up before it has heard of its call: that does not come back', () => {
    const ann = back();
    ann.client({ type: 'stop', callID: RINGING });
    expect(ann.command('Stop')).toMatchObject({ callID: RINGING, session: 's0', connection: 2 });
    expect(ann.snapshot(ON_WORKER)).toEqual([{ type: 'callProgress', callID: RINGING, n: 7, phase: 'connecting' }]);
    expect(ann.machine.held).toEqual({ calls: 0, legs: 0 });
  });

  it('gives names to its offers that its socket before did not give', () => {
    const [before, after] = [new Driver().login('native'), new Driver()];
    after.askToResume();
    after.resumed();
    const name = (leg: LegID) => leg.slice(leg.indexOf(':'));
    expect(name(after.place().legID)).not.toBe(name(before.place().legID));
  });

  it('whose login was not taken is before its login', () => {
    const ann = new Driver();
    ann.askToResume();
    const attach = ann.command('AttachDevice');
    expect(ann.failed(attach, 'refused')).toMatchObject([{ code: 'service_unavailable', re: 'login' }]);
    ann.askToResume();
    expect(ann.command('AttachDevice').socket).toBe('s2');
  });

  it('and goes again before its Line spoke: the socket is closed by its name', () => {
    const ann = new Driver();
    ann.askToResume();
    expect(ann.closed(1006)).toEqual([{ type: 'CloseSocket', userID: 'ann', socket: 's1', resumable: true }]);
  });

  it('a seed client cannot resume: what it writes there means nothing', () => {
    const ann = new Driver();
    ann.client({ type: 'login', userID: 'ann', resume: { sessionID: 's0' } });
    expect(ann.command('AttachDevice')).not.toHaveProperty('resume');
    ann.client({ type: 'call', callerID: 'ann', calleeID: 'bob', sdpOffer: OFFER });
    expect(ann.command('Place')).toMatchObject({ session: 's1', connection: 1 });
  });
});

describe('a snapshot', () => {
  it('tells what this party sent itself, and for how long it has been connected', () => {
    const ownShown = { audio: false, video: true, screen: false };
    expect(back(true).snapshot({ phase: 'connected', ownShown, connectedMs: 5_000 })).toMatchObject([
      { type: 'callState', phase: 'connected', ownMedia: ownShown, connectedMs: 5_000 },
    ]);
  });

  it('tells all there is, with the answer that the client may have missed', () => {
    const [frame, ...more] = back().snapshot(ON_WORKER, withAnswer(LEG));
    expect(frame).toEqual({ ...state, legID: 'offer-1', sdpAnswer: ANSWER });
    expect(more).toEqual([]);
    expect(serverMessage.safeParse(frame).success).toBe(true);
  });

  it('lets candidates flow both ways', () => {
    const ann = back();
    ann.snapshot(ON_WORKER);
    ann.client({ type: 'onIceCandidate', candidate, legID: 'offer-1', callID: RINGING });
    expect(ann.candidates).toEqual([candidate]);
    expect(ann.actions).toMatchObject([{ worker, message: { callID: RINGING, attempt: 2, legID: LEG } }]);
    const local = { type: 'LocalCandidate', callID: RINGING, attempt: 2, legID: LEG, candidate } as const;
    expect(ann.mail(local)).toEqual([{ type: 'iceCandidate', candidate, callID: RINGING, legID: 'offer-1' }]);
    expect(ann.mail({ ...local, attempt: 1 })).toEqual([]);
  });

  it('of a leg without an answer holds candidates back until that comes', () => {
    const ann = back();
    expect(ann.snapshot({ ...ON_WORKER, answered: false })).toEqual([{ ...state, legID: 'offer-1' }]);
    expect(ann.mail({ type: 'LocalCandidate', callID: RINGING, attempt: 2, legID: LEG, candidate })).toEqual([]);
    expect(ann.answer(RINGING, LEG, 'caller').map(({ type }) => type)).toEqual(['callResponse', 'iceCandidate']);
  });

  it('of a leg without a worker holds candidates until its route comes', () => {
    const ann = back();
    ann.snapshot({ legID: LEG, answered: false });
    ann.client({ type: 'onIceCandidate', candidate, legID: 'offer-1' });
    expect(ann.candidates).toEqual([]);
    ann.route(RINGING, LEG);
    expect(ann.candidates).toEqual([candidate]);
  });

  it('after a reload asks for a new offer, which takes its place', () => {
    const ann = back(true);
    expect(ann.snapshot({ answered: false, peerAway: true })).toEqual([{ ...state, peerState: 'reconnecting' }]);
    const asked = ann.mail({ type: 'Renegotiate', callID: RINGING, n: 8, cause: 'reload' });
    expect(asked).toEqual([{ type: 'renegotiate', callID: RINGING, n: 8, cause: 'reload' }]);
    ann.client({ type: 'renegotiate', callID: RINGING, sdpOffer: OFFER, legID: 'new' });
    const { legID } = ann.command('Renegotiate');
    expect(ann.answer(RINGING, legID, 'caller', true)).toEqual([
      { type: 'renegotiated', callID: RINGING, n: 5, legID: 'new', sdpAnswer: ANSWER },
    ]);
  });

  it.each([
    ['caller', 'callResponse'],
    ['callee', 'stopCommunication'],
  ] as const)('makes the device the %s again', (role, type) => {
    const ann = back();
    ann.snapshot({ ...ON_WORKER, role, answered: false });
    expect(ann.end(RINGING, role, 'setup_failed')).toMatchObject([{ type }]);
  });

  it.each(['caller', 'callee'] as const)('lets the %s hang up without a callID', (role) => {
    const ann = back();
    ann.snapshot({ ...ON_WORKER, role });
    ann.client({ type: 'stop' });
    expect(ann.command('Stop').callID).toBe(RINGING);
  });

  it('of a call that rang here again says that it was accepted', () => {
    const ann = back();
    ann.ring();
    expect(ann.snapshot({ ...ON_WORKER, role: 'callee' })).toHaveLength(1);
    expect(ann.client({ type: 'ringing', callID: RINGING })).toMatchObject([{ code: 'not_ringing' }]);
    expect(ann.ring(), 'and it does not ring any more').toEqual([]);
  });

  it('of a call that nobody asked for is dropped', () => {
    const ann = new Driver().login('native');
    expect(ann.snapshot(ON_WORKER)).toEqual([]);
    expect(ann.machine.held).toEqual({ calls: 0, legs: 0 });
  });
});

describe('a session that another socket took over', () => {
  it('closes its socket and says nothing to its Line', () => {
    const ann = new Driver().login('native');
    ann.mail({ type: 'TakenOver' });
    expect(ann.actions).toEqual([{ kind: 'close', why: 'takenOver' }]);
    expect(ann.closed(4001)).toEqual([]);
    expect(ann.client({ type: 'stop' })).toEqual([]);
  });

  it('stays if it is another connection that was taken over', () => {
    const ann = new Driver();
    ann.askToResume();
    ann.resumed();
    const late = { type: 'TakenOver', session: 's0' as SessionID, connection: 1 } as const;
    expect(ann.take(ann.machine.mail(late, {}))).toEqual([]);
    expect(ann.actions).toEqual([{ kind: 'count', what: 'mail_dropped' }]);
    expect(ann.client({ type: 'presence', userIDs: [] })).toEqual([]);
    expect(ann.actions).toEqual([{ kind: 'watch', userIDs: [] }]);
  });
});
