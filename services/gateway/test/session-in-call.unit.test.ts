/** New offers of a running call, and what the parties show each other. */
import { offerRef, type WorkerID } from '@switchboard/protocol';
import { describe, expect, it } from 'vitest';
import { ANSWER, candidate, Driver, OFFER, RINGING } from './support/machine.ts';

const error = (code: string, re: string) => [{ type: 'error', code, message: expect.any(String), re }];
const offer = (callID: string, legID: string) => ({ type: 'renegotiate', callID, sdpOffer: OFFER, legID });

function talking() {
  const ann = new Driver().login('native');
  const { callID, legID } = ann.place({ legID: 'one' });
  ann.route(callID, legID);
  ann.answer(callID, legID, 'caller');
  return { ann, callID };
}

describe('a client that renegotiates', () => {
  it('offers a new leg, whose answer is a renegotiated one', () => {
    const { ann, callID } = talking();
    expect(ann.client(offer(callID, 'two'))).toEqual([]);
    const renegotiate = ann.command('Renegotiate');
    expect(renegotiate).toMatchObject({ callID, userID: 'ann', device: { session: 's1', connection: 1 } });
    expect(ann.actions).toMatchObject([{ blobs: { [offerRef(renegotiate.legID)]: OFFER } }]);
    expect(ann.answer(callID, renegotiate.legID, 'caller', true)).toEqual([
      { type: 'renegotiated', callID, n: 5, legID: 'two', sdpAnswer: ANSWER },
    ]);
  });

  it('has candidates of its own for it, which wait for its route and its answer', () => {
    const { ann, callID } = talking();
    ann.client(offer(callID, 'two'));
    const { legID } = ann.command('Renegotiate');
    ann.client({ type: 'onIceCandidate', candidate, callID });
    expect(ann.candidates).toEqual([]);
    expect(ann.mail({ type: 'LocalCandidate', callID, attempt: 1, legID, candidate })).toEqual([]);
    ann.route(callID, legID);
    expect(ann.candidates).toEqual([candidate]);
    expect(ann.answer(callID, legID, 'caller', true).map(({ type }) => type)).toEqual(['renegotiated', 'iceCandidate']);
    ann.client({ type: 'onIceCandidate', candidate, legID: 'one' });
    expect(ann.candidates, 'the one before still works').toEqual([candidate]);
  });

  it('is asked for one when its media server is lost, and its candidates go to the next worker', () => {
    const { ann, callID } = talking();
    const cause = 'media_server_lost';
    const asked = ann.mail({ type: 'Renegotiate', callID, n: 9, cause });
    expect(asked).toEqual([{ type: 'renegotiate', callID, n: 9, cause }]);
    ann.client(offer(callID, 'two'));
    const { legID } = ann.command('Renegotiate');
    ann.client({ type: 'onIceCandidate', candidate, callID });
    const workerID = 'w2' as WorkerID;
    ann.mail({ type: 'Route', callID, attempt: 2, workerID, legID });
    expect(ann.actions).toMatchObject([{ kind: 'candidate', worker: 'w2', message: { attempt: 2, legID, candidate } }]);
    expect(ann.mail({ type: 'LocalCandidate', callID, attempt: 1, legID, candidate }), 'of the lost one').toEqual([]);
    expect(ann.answer(callID, legID, 'caller', true)).toMatchObject([{ type: 'renegotiated', legID: 'two' }]);
  });

  it('has its two latest legs only, however often it offers', () => {
    const { ann, callID } = talking();
    for (let i = 0; i < 100; i += 1) ann.client(offer(callID, `leg-${String(i)}`));
    expect(ann.machine.held).toEqual({ calls: 1, legs: 2 });
    expect(ann.client({ type: 'onIceCandidate', candidate, legID: 'leg-97' })).toMatchObject([
      { code: 'no_such_call' },
    ]);
    expect(ann.client({ type: 'onIceCandidate', candidate, legID: 'leg-98' })).toEqual([]);
  });

  it('must be in that call, and must name a new leg', () => {
    const { ann, callID } = talking();
    ann.ring();
    expect(ann.client(offer(RINGING, 'two'))).toEqual(error('no_such_call', 'renegotiate'));
    expect(ann.client(offer(callID, 'one'))).toEqual(error('bad_message', 'renegotiate'));
    expect(ann.commands).toEqual([]);
  });

  it('may do so as the callee', () => {
    const ann = new Driver().login('native');
    ann.ring();
    ann.accept();
    ann.client(offer(RINGING, 'two'));
    expect(ann.command('Renegotiate').callID).toBe(RINGING);
  });

  it('is told if the log did not take it, and may use the name again', () => {
    const { ann, callID } = talking();
    ann.client(offer(callID, 'two'));
    expect(ann.failed(ann.command('Renegotiate'), 'refused')).toEqual(error('service_unavailable', 'renegotiate'));
    ann.client({ type: 'onIceCandidate', candidate, callID });
    expect(ann.candidates, 'the leg before is the latest again').toEqual([candidate]);
    expect(ann.client(offer(callID, 'two'))).toEqual([]);
  });
});

describe('what a party shows', () => {
  it('goes to the call', () => {
    const { ann, callID } = talking();
    ann.client({ type: 'mediaState', callID, audio: false, video: true });
    const device = { session: 's1', connection: 1 };
    expect(ann.commands).toEqual([
      { type: 'ShowMedia', callID, userID: 'ann', ...device, audio: false, video: true, screen: false },
    ]);
  });

  it('needs a call', () => {
    const ann = new Driver().login('native');
    ann.ring();
    const message = { type: 'mediaState', callID: RINGING, audio: true, video: true };
    expect(ann.client(message)).toEqual(error('no_such_call', 'mediaState'));
  });

  it('comes to the other one, and so does how he is connected', () => {
    const { ann, callID } = talking();
    const shown = { audio: true, video: false, screen: true };
    expect(ann.mail({ type: 'PeerMedia', callID, n: 8, ...shown })).toEqual([
      { type: 'mediaState', callID, n: 8, ...shown },
    ]);
    expect(ann.mail({ type: 'PeerState', callID, n: 9, state: 'reconnecting' })).toEqual([
      { type: 'peerState', callID, n: 9, state: 'reconnecting' },
    ]);
  });

  it('is dropped if it is of another call, and is nothing to a seed client', () => {
    const { ann } = talking();
    expect(ann.mail({ type: 'PeerState', callID: RINGING, n: 9, state: 'reconnected' })).toEqual([]);
    const seed = new Driver().login('seed');
    const { callID } = seed.place();
    expect(seed.mail({ type: 'PeerState', callID, n: 9, state: 'reconnecting' })).toEqual([]);
    expect(seed.mail({ type: 'PeerMedia', callID, n: 9, audio: true, video: true, screen: false })).toEqual([]);
    expect(seed.mail({ type: 'Renegotiate', callID, n: 9, cause: 'reload' })).toEqual([]);
  });

  it('a device says of its user what others see', () => {
    const ann = new Driver().login('native');
    ann.client({ type: 'setPresence', state: 'away' });
    const device = { session: 's1', connection: 1 };
    expect(ann.commands).toEqual([{ type: 'SetPresence', userID: 'ann', ...device, state: 'away' }]);
  });
});
