/** All that can be said to one Call between anna and ben. */
import type { LiveCall, Party, State } from '@switchboard/call-model';
import type { CallID, Command, Device, LegID, Role, SessionID, UserID, WorkerID } from '@switchboard/protocol';
import { without, type World } from './explore.ts';

const callID = '1-0190a000-0000-7000-8000-000000000002' as CallID;
const by = '1-0190a000-0000-7000-8000-000000000001' as CallID;
const anna = 'anna' as UserID;
const ben = 'ben' as UserID;
const workerID = 'w1' as WorkerID;
const CANNOT_RENEGOTIATE = 'b2';

const device = (session: string, connection = 1): Device => ({
  ...{ session: session as SessionID, connection, gateway: 'g1' as Device['gateway'] },
  capabilities: session === CANNOT_RENEGOTIATE ? ['native'] : ['native', 'renegotiate'],
});

export const callWorld: World = {
  commands,
  key: (state) =>
    without(fewer(state), [
      'n',
      'until',
      'rebuildUntil',
      'since',
      'forgetAt',
      'attempt',
      'passed',
      'connection',
      'session',
      'legID',
      'shown',
      'ending',
      'offers',
      'attempts',
      'users',
    ]),
};

/** Many devices that listen are as one. */
const fewer = (state: State | undefined): State | undefined =>
  state && 'listeners' in state ? { ...state, listeners: state.listeners.slice(0, 1) } : state;

function commands(state: State | undefined): Command[] {
  if (state?.kind !== 'call') return [start(), ...always()];
  if (state.phase === 'ended') return [...always(), ...ofMedia(1, 'a:1' as LegID)];
  return [...always(), ...ofParties(state), ...ofCallMedia(state)];
}

const start = (): Command => ({
  ...{ type: 'StartCall', callID, callerID: anna, calleeID: ben, device: device('a'), media: 'video' },
  legID: 'a:1' as LegID,
});

function always(): Command[] {
  return [
    { type: 'CalleeAlerted', callID, waiting: true },
    { type: 'CalleeAlerted', callID, waiting: false },
    { type: 'CalleeRefused', callID, reason: 'busy' },
    { type: 'CalleeRefused', callID, reason: 'unreachable' },
    { type: 'DeviceRinging', callID, userID: ben, session: 'b' as SessionID, connection: 1 },
    { type: 'Accept', callID, userID: ben, device: device('b'), legID: 'b:1' as LegID },
    { type: 'Accept', callID, userID: ben, device: device('b2'), legID: 'b2:1' as LegID },
    { type: 'Supersede', callID, by },
    { type: 'AskCall', callID, userID: anna },
    { type: 'AskCall', callID, userID: 'cleo' as UserID },
    { type: 'PartyHere', callID, userID: anna, device: device('a2'), fresh: false },
    { type: 'PartyHere', callID, userID: ben, device: device('b3'), fresh: false },
    { type: 'PartyHere', callID, userID: 'cleo' as UserID, device: device('c'), fresh: false },
    { type: 'WakeCall', callID },
    ...[anna, ben].flatMap((userID): Command[] => [
      { type: 'PartyStopped', callID, userID },
      { type: 'PartyLeft', callID, userID },
    ]),
  ];
}

function ofParties(call: LiveCall): Command[] {
  return partiesOf(call).flatMap(({ party }): Command[] => {
    const { userID, device: old, offers } = party;
    const { session, connection } = old;
    const next = device(session, connection + 1);
    const legID = `${session}:${String(offers + 1)}` as LegID;
    return [
      { type: 'PartyAway', callID, userID, session, connection },
      { type: 'PartyHere', callID, userID, device: next, fresh: false },
      { type: 'PartyHere', callID, userID, device: next, fresh: true },
      { type: 'Renegotiate', callID, userID, device: old, legID },
      { type: 'ShowMedia', callID, userID, session, connection, audio: false, video: false, screen: false },
    ];
  });
}

function ofCallMedia(call: LiveCall): Command[] {
  const attempt = call.media.kind === 'none' ? 1 : call.media.attempt;
  return [
    { type: 'WorkerChosen', callID, attempt, workerID },
    { type: 'WorkerChosen', callID, attempt },
    ...partiesOf(call).flatMap(({ party }) => ofMedia(attempt, party.legID)),
    ...ofMedia(9, 'a:1' as LegID),
  ];
}

function ofMedia(attempt: number, legID: LegID): Command[] {
  const base = { callID, attempt, workerID };
  return [
    { type: 'LegAnswered', ...base, legID },
    { type: 'LegConnected', ...base, legID },
    { type: 'MediaFailed', ...base, cause: 'setup_failed' },
    { type: 'MediaFailed', ...base, cause: 'media_server_lost' },
    { type: 'MediaFailed', ...base, cause: 'no_capacity' },
    { type: 'AttemptReleased', ...base },
    { type: 'WorkerLost', callID, workerID },
  ];
}

export function partiesOf(call: LiveCall): { role: Role; party: Party }[] {
  const caller = { role: 'caller', party: call.caller } as const;
  return 'callee' in call ? [caller, { role: 'callee', party: call.callee }] : [caller];
}
