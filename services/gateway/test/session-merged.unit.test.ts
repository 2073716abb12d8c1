/** What a device placed is another call: a glare, a call back, or a request that was repeated. */
import type { CallID, LegID, UserID } from '@switchboard/protocol';
import { describe, expect, it } from 'vitest';
import { ANSWER, candidate, Driver, RINGING as INTO, withAnswer, worker } from './support/machine.ts';

const bob = 'bob' as UserID;
const merge = (ann: Driver, callID: CallID) => ann.mail({ type: 'Merged', callID, into: INTO, peer: bob });
const as = (legID: LegID) => ({ legID, attempt: 1, workerID: worker, role: 'callee' }) as const;

function merged(who: 'native' | 'seed', extra: object = {}) {
  const ann = new Driver().login(who);
  const placed = ann.place(extra);
  const frames = merge(ann, placed.callID);
  return { ann, frames, ...placed };
}

describe.each(['native', 'seed'] as const)('a %s client that lost a glare', (who) => {
  it('is told nothing yet, and the other call is asked', () => {
    const { ann, frames } = merged(who);
    expect(frames).toEqual([]);
    expect(ann.commands).toMatchObject([
      { type: 'PartyHere', callID: INTO, userID: 'ann', device: { session: 's1', connection: 1 }, fresh: false },
    ]);
  });

  it('gets its answer as a caller', () => {
    const { ann, legID } = merged(who);
    ann.snapshot({ ...as(legID), answered: false });
    expect(ann.answer(INTO, legID, 'callee')).toMatchObject([
      { type: 'callResponse', callResponse: 'accepted', sdpAnswer: ANSWER },
    ]);
    expect(ann.end(INTO, 'callee', 'completed', true)).toMatchObject([{ type: 'stopCommunication' }]);
  });

  it('told twice, asks once and stops nothing', () => {
    const { ann, callID } = merged(who);
    expect(merge(ann, callID)).toEqual([]);
    expect(ann.commands.map(({ type }) => type)).not.toContain('Stop');
    expect(ann.commands.filter(({ type }) => type === 'PartyHere').length).toBeLessThanOrEqual(1);
  });

  it('hears of a failure as a caller', () => {
    const { ann } = merged(who);
    const [frame] = ann.end(INTO, 'callee', 'no_capacity');
    expect(frame).toMatchObject({ type: 'callResponse', callResponse: 'exception' });
  });

  it('sends the candidates that it has gathered to the worker of the other call, and none to its own', () => {
    const ann = new Driver().login(who);
    const { callID, legID } = ann.place();
    ann.route(callID, legID);
    ann.client({ type: 'onIceCandidate', candidate });
    ann.mail({ type: 'LocalCandidate', callID, attempt: 1, legID, candidate });
    merge(ann, callID);
    ann.client({ type: 'onIceCandidate', candidate });
    expect(ann.candidates, 'the other worker is not known yet').toEqual([]);
    ann.snapshot({ ...as(legID), answered: false });
    expect(ann.actions.filter(({ kind }) => kind === 'candidate')).toMatchObject([
      { message: { callID: INTO, legID } },
      { message: { callID: INTO, legID } },
    ]);
    expect(ann.answer(INTO, legID, 'callee'), 'nothing of what the first worker gathered').toHaveLength(1);
  });

  it('hangs up the call that it is in', () => {
    const { ann } = merged(who);
    ann.client({ type: 'stop' });
    expect(ann.command('Stop').callID).toBe(INTO);
    expect(ann.answer(INTO, 's1:~1.1' as LegID, 'callee')).toEqual([]);
  });

  it('had given up: then the other call is stopped as well', () => {
    const ann = new Driver().login(who);
    const { callID } = ann.place();
    ann.client({ type: 'stop' });
    merge(ann, callID);
    expect(ann.commands).toMatchObject([{ type: 'Stop', callID: INTO }]);
    expect(ann.machine.held).toEqual({ calls: 0, legs: 0 });
  });

  it('was told that its call failed: then the other call is stopped as well', () => {
    const { ann, callID } = merged(who);
    const place = { type: 'Place', callID } as never;
    expect(ann.failed(place, 'unknown').length).toBeGreaterThan(0);
    expect(ann.commands).toMatchObject([{ type: 'Stop', callID: INTO }]);
  });

  it('drops what is late of the call that it placed', () => {
    const { ann, callID, legID } = merged(who);
    const late = [
      ann.mail({ type: 'Progress', callID, n: 1, phase: 'inviting' }),
      ann.end(callID, 'caller', 'superseded'),
      ann.route(callID, legID),
      ann.answer(callID, legID, 'caller'),
    ];
    expect(late).toEqual([[], [], [], []]);
    expect(ann.machine.held).toEqual({ calls: 1, legs: 1 });
  });
});

describe('a native client that lost a glare', () => {
  it('finds its call again by the leg of its own offer', () => {
    const { ann, legID } = merged('native', { legID: 'mine' });
    expect(ann.snapshot(as(legID), withAnswer(legID))).toMatchObject([
      { type: 'callState', callID: INTO, role: 'callee', legID: 'mine', sdpAnswer: ANSWER },
    ]);
  });

  it('may still use the callID that its call had, until that ends', () => {
    const { ann, callID, legID } = merged('native', { legID: 'mine' });
    ann.snapshot(as(legID));
    ann.client({ type: 'onIceCandidate', candidate, callID, legID: 'mine' });
    expect(ann.candidates).toEqual([candidate]);
    ann.client({ type: 'onIceCandidate', candidate, callID: INTO });
    expect(ann.candidates).toEqual([candidate]);
    ann.client({ type: 'mediaState', callID, audio: false, video: true });
    expect(ann.command('ShowMedia').callID).toBe(INTO);
    ann.client({ type: 'stop', callID });
    expect(ann.command('Stop').callID).toBe(INTO);
    expect(ann.client({ type: 'stop', callID })).toMatchObject([{ code: 'no_such_call' }]);
  });

  it('that had given up learns the callID of what it gave up', () => {
    const ann = new Driver().login('native');
    const { callID } = ann.place();
    ann.client({ type: 'stop' });
    expect(merge(ann, callID)).toEqual([{ type: 'callProgress', callID, n: 0, phase: 'inviting' }]);
  });

  it('and called the one who rings here: it rings no more', () => {
    const ann = new Driver().login('native');
    ann.ring();
    const { callID, legID } = ann.place();
    merge(ann, callID);
    expect(ann.machine.held).toEqual({ calls: 1, legs: 1 });
    expect(ann.answer(INTO, legID, 'callee')).toMatchObject([{ type: 'callResponse', callID: INTO }]);
  });

  it('by a request that it repeated after a resume goes on with the call that it was', () => {
    const ann = new Driver();
    ann.askToResume({ calls: [INTO] });
    ann.resumed(INTO);
    const { callID } = ann.place({ requestID: 'r', legID: 'again' });
    merge(ann, callID);
    const legID = 's0:first' as LegID;
    expect(ann.snapshot({ ...as(legID), role: 'caller' })).toMatchObject([{ callID: INTO, legID: 'first' }]);
    ann.client({ type: 'onIceCandidate', candidate, callID });
    expect(ann.actions).toMatchObject([{ message: { callID: INTO, legID } }]);
  });

  it('after it came back on another socket', () => {
    const ann = new Driver();
    const placed = '4-018bcfe5-6800-7000-8000-000000000009' as CallID;
    ann.askToResume({ calls: [placed] });
    ann.resumed(placed);
    merge(ann, placed);
    expect(ann.command('PartyHere').callID).toBe(INTO);
    expect(ann.snapshot(as('s0:mine' as LegID))).toMatchObject([{ callID: INTO, legID: 'mine' }]);
  });
});

describe('a seed client that lost a glare', () => {
  it('gets the answer that came before its call was known, once', () => {
    const { ann, legID } = merged('seed');
    const accepted = { type: 'callResponse', callResponse: 'accepted', sdpAnswer: ANSWER };
    expect(ann.snapshot(as(legID), withAnswer(legID))).toEqual([accepted]);
    expect(ann.answer(INTO, legID, 'callee')).toEqual([]);
    expect(ann.snapshot(as(legID), withAnswer(legID))).toEqual([]);
  });

  it('does not get it twice if the snapshot comes second', () => {
    const { ann, legID } = merged('seed');
    expect(ann.answer(INTO, legID, 'callee')).toHaveLength(1);
    expect(ann.snapshot(as(legID), withAnswer(legID))).toEqual([]);
  });
});
