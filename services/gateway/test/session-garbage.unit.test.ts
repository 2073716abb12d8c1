/** Whatever a client or a mailbox brings, a session answers in its own vocabulary, keeps little, and never throws. */
import { serverMessage } from '@switchboard/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_CALLS } from '../src/session/calls.ts';
import type { SessionMessage } from '../src/session/actions.ts';
import { candidate, Driver, OFFER, RINGING, worker } from './support/machine.ts';

const types = [
  ...['login', 'call', 'incomingCallResponse', 'ringing', 'onIceCandidate', 'stop', 'toString', '__proto__'],
  ...['renegotiate', 'mediaState', 'presence', 'setPresence'],
];
const BLOBS = { 'answer:s1:~1.1': 'v=0', 'answer:s1:x': 'v=0' };
const value = fc.oneof(
  fc.constantFrom('ann', 'bob', 7, OFFER, RINGING, 'accepted', 'rejected', ['native'], candidate),
  fc.jsonValue({ maxDepth: 2 }),
);
const fields = [
  'userID',
  'callerID',
  'calleeID',
  'sdpOffer',
  'callID',
  'legID',
  'callResponse',
  'candidate',
  'requestID',
  'capabilities',
  'resume',
  'userIDs',
];
const likely = fc
  .tuple(fc.constantFrom(...types), fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 10 }))
  .map(([type, rest]) => JSON.stringify({ ...rest, type }));
const good = fc.constantFrom(
  { type: 'login', userID: 'ann', capabilities: ['native'] },
  { type: 'login', userID: 'ann' },
  { type: 'call', callerID: 'ann', calleeID: 'bob', sdpOffer: OFFER },
  { type: 'incomingCallResponse', callerID: 'bob', callResponse: 'accepted', sdpOffer: OFFER },
  { type: 'incomingCallResponse', callerID: 'bob', callResponse: 'rejected' },
  { type: 'onIceCandidate', candidate },
  { type: 'stop' },
  { type: 'renegotiate', callID: RINGING, sdpOffer: OFFER, legID: 'x' },
  { type: 'mediaState', callID: RINGING, audio: true, video: true },
  { type: 'presence', userIDs: ['bob'] },
  { type: 'login', userID: 'ann', capabilities: ['native'], resume: { sessionID: 's0', calls: [RINGING] } },
);
const text = fc.oneof(
  fc.string(),
  fc.json(),
  likely,
  good.map((message) => JSON.stringify(message)),
);
const callID = fc.constantFrom(RINGING, '1-018bcfe5-6800-7000-8000-000000000000');
const legID = fc.constantFrom('s1:~1.1', 's1:~1.2', 's1:x', 's2:~1.1');
const shown = fc.constant({ audio: true, video: false, screen: false });
const role = fc.constantFrom('caller', 'callee');
const mail = fc.oneof(
  fc.constant({ type: 'Attached', as: 's1', resumed: false, graceMs: 1 }),
  fc.constant({ type: 'TakenOver' }),
  fc.record({ type: fc.constant('Merged'), callID, into: callID, peer: fc.constant('bob') }),
  fc.record({ type: fc.constant('PeerState'), callID, n: fc.nat(9), state: fc.constant('reconnected') }),
  fc.record({ type: fc.constant('Renegotiate'), callID, n: fc.nat(9), cause: fc.constant('reload') }),
  fc.record({
    ...{ type: fc.constant('PeerMedia'), callID, n: fc.nat(9) },
    ...{ audio: fc.boolean(), video: fc.boolean(), screen: fc.boolean() },
  }),
  fc.record({
    ...{ type: fc.constant('Snapshot'), callID, n: fc.nat(9), phase: fc.constant('connecting'), role },
    ...{ peer: fc.constant('bob'), media: fc.constant('video'), legID: fc.option(legID, { nil: undefined }) },
    ...{ attempt: fc.constant(1), workerID: fc.constant(worker), answered: fc.boolean() },
    ...{ peerAway: fc.boolean(), peerShown: shown },
  }),
  fc.record({
    type: fc.constant('Incoming'),
    callID,
    n: fc.nat(9),
    callerID: fc.constant('bob'),
    media: fc.constant('video'),
  }),
  fc.record({
    type: fc.constant('Route'),
    callID,
    attempt: fc.integer({ min: 1, max: 2 }),
    workerID: fc.constant(worker),
    legID,
  }),
  fc.record({ type: fc.constant('Answer'), callID, n: fc.nat(9), role, legID, renegotiated: fc.boolean() }),
  fc.record({
    type: fc.constant('LocalCandidate'),
    callID,
    attempt: fc.constant(1),
    legID,
    candidate: fc.constant(candidate),
  }),
  fc.record({
    ...{
      type: fc.constant('Ended'),
      callID,
      n: fc.nat(9),
      role: fc.constantFrom('caller', 'callee'),
      answered: fc.boolean(),
    },
    ...{ reason: fc.constantFrom('busy', 'completed'), endedBy: fc.constant('system'), phase: fc.constant('ringing') },
  }),
);
const input = fc.oneof(
  { weight: 3, arbitrary: text.map((from) => ({ kind: 'client' as const, from })) },
  { weight: 1, arbitrary: mail.map((from) => ({ kind: 'mail' as const, from })) },
);
const SEED_TYPES = [
  'loginResponse',
  'callResponse',
  'incomingCall',
  'startCommunication',
  'stopCommunication',
  'iceCandidate',
];
const SEED_FIELDS = ['type', 'content', 'error', 'callResponse', 'sdpAnswer', 'callerID', 'candidate'];

describe('a session under garbage', () => {
  it('answers by the schema, and keeps little', () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 60 }), (inputs) => {
        const driver = new Driver();
        for (const { kind, from } of inputs) {
          const before = driver.machine.identity;
          const frames =
            kind === 'client' ? driver.client(from) : driver.mail(from as unknown as SessionMessage, BLOBS);
          for (const frame of frames) expect(serverMessage.safeParse(frame).success, JSON.stringify(frame)).toBe(true);
          const after = driver.machine.identity;
          if (before !== undefined && after !== undefined) expect(after.userID).toBe(before.userID);
        }
        expect(driver.machine.held.calls).toBeLessThanOrEqual(MOST_CALLS);
        expect(driver.machine.held.legs).toBeLessThanOrEqual(2 * MOST_CALLS);
      }),
      { numRuns: 300 },
    );
  });

  it('tells a seed client nothing that the seed does not know', () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 60 }), (inputs) => {
        const driver = new Driver().login('seed');
        for (const { kind, from } of inputs) {
          const frames =
            kind === 'client' ? driver.client(from) : driver.mail(from as unknown as SessionMessage, BLOBS);
          for (const frame of frames) {
            expect(SEED_TYPES).toContain(frame.type);
            expect(SEED_FIELDS).toEqual(expect.arrayContaining(Object.keys(frame)));
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
