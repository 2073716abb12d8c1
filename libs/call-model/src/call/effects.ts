/** What others are told when something happened to a Call. */
import { answerRef, offerRef, type CallID, type Device, type MediaKind, type Phase } from '@switchboard/protocol';
import { toDevice, toLine, toWorker, type Effect } from '../effect.ts';
import type { CallEvent, LegPlan } from './events.ts';
import type { Attempt, Party } from './state.ts';

type Event<Type extends CallEvent['type']> = Extract<CallEvent, { type: Type }>;

export function callEffects(event: CallEvent, partitions: number): readonly Effect[] {
  const { callID, n } = event;
  switch (event.type) {
    case 'CallStarted': {
      const { caller, calleeID, media, until } = event;
      const ring = { type: 'Ring', userID: calleeID, callID, n, callerID: caller.userID, media, until } as const;
      return [progress(event, caller.device, 'inviting'), toLine(ring, partitions)];
    }
    case 'MediaWanted':
      return wanted(event);
    case 'AttemptPlaced':
      return placed(event);
    case 'CallRinging':
      return [progress(event, event.device, 'ringing')];
    case 'CallAccepted':
      return accepted(event, partitions);
    case 'LegAnswered':
      return event.deliver ? [answer(event, event.device, event)] : [];
    case 'CallConnected':
      return event.devices.map((device) => progress(event, device, 'connected'));
    case 'PartyAway':
      return event.peer ? [toDevice(event.peer, { type: 'PeerState', callID, n, state: 'reconnecting' })] : [];
    case 'PartyMoved':
      return moved(event);
    case 'LegVoided':
      return [toDevice(event.device, { type: 'Renegotiate', callID, n, cause: event.cause ?? 'reload' })];
    case 'LegReplaced':
      return replaced(event);
    case 'MediaShown':
      return event.peer ? [toDevice(event.peer, { type: 'PeerMedia', callID, n, ...event.shown })] : [];
    case 'CallEnded':
      return ended(event, partitions);
    case 'DeviceRefused':
      return [toDevice(event.device, { type: 'Ended', callID, n, role: 'callee', answered: false, ...event.ending })];
    case 'DeviceMerged':
      return [toDevice(event.device, { type: 'Merged', callID, into: event.into, peer: event.peer })];
    case 'StrayAttempt':
      return [release(callID, event)];
    case 'LineTold':
      return [toLine({ type: 'Release', userID: event.userID, callID, n, ...event.ending }, partitions)];
    case 'CalleeTookCall':
    case 'ListenerHere':
    case 'LegConnected':
    case 'AttemptReleased':
    case 'CallForgotten':
      return [];
    default:
      return event satisfies never;
  }
}

/** The attempt before is over, whatever its worker still says: it may come back with all that it had. */
function wanted({ callID, attempt, exclude, instead }: Event<'MediaWanted'>): Effect[] {
  const question = { type: 'ChooseWorker', callID, attempt, exclude } as const;
  return [...(instead ? [release(callID, instead)] : []), { to: 'shell', question }];
}

function placed(event: Event<'AttemptPlaced'>): Effect[] {
  const prepared = event.legs.flatMap((leg) => prepare(event, event, leg));
  return event.join ? [...prepared, join(event, event)] : prepared;
}

function accepted(event: Event<'CallAccepted'>, partitions: number): Effect[] {
  const { callID, n, caller, callee, placed } = event;
  const answered = [callee, caller].map(({ userID, device: { session } }) =>
    toLine({ type: 'Answered', userID, callID, n, session }, partitions),
  );
  const media = placed ? [...prepare(event, placed, { role: 'callee', ...callee }), join(event, placed)] : [];
  const toCaller =
    caller.leg === 'answered'
      ? answer(event, caller.device, leg(caller))
      : progress(event, caller.device, 'connecting');
  return [...media, toCaller, progress(event, callee.device, 'connecting'), ...answered];
}

const leg = ({ legID, offers }: Party): AnsweredLeg => ({ role: 'caller', legID, renegotiated: offers > 1 });

/** `JoinLegs` again: a worker that was restarted does not know that it came. */
function replaced(event: Event<'LegReplaced'>): Effect[] {
  if (!event.placed) return [];
  const prepared = prepare(event, event.placed, event);
  return event.join ? [...prepared, join(event, event.placed)] : prepared;
}

/** The device learns how the call is; its peer that it is back; the worker where its candidates go. */
function moved(event: Event<'PartyMoved'>): Effect[] {
  const { callID, n, role, device, phase, peerID: peer, media, legID, leg, peerAway, peerShown } = event;
  const { ownShown, connectedMs } = event;
  const where = event.placed ?? {};
  const ours = leg === 'void' ? {} : { legID, ...where };
  const answered = leg === 'delivered' || leg === 'connected';
  const snapshot = {
    type: 'Snapshot',
    callID,
    n,
    phase,
    role,
    peer,
    media,
    ...ours,
    answered,
    peerAway,
    peerShown,
    ownShown,
    connectedMs,
  } as const;
  const gathers = leg !== 'void' && leg !== 'connected';
  return [
    toDevice(device, snapshot, leg === 'delivered' ? [answerRef(legID)] : []),
    ...(event.placed && gathers ? [moveLeg(event, event.placed, event)] : []),
    ...(event.peer ? [toDevice(event.peer, { type: 'PeerState', callID, n, state: 'reconnected' })] : []),
  ];
}

function ended(event: Event<'CallEnded'>, partitions: number): Effect[] {
  const { callID, n, ending } = event;
  return [
    ...event.lines.map((userID) => toLine({ type: 'Release', userID, callID, n, ...ending }, partitions)),
    ...event.parties
      .filter(({ tell }) => tell)
      .map(({ role, device, answered }) => toDevice(device, { type: 'Ended', callID, n, role, answered, ...ending })),
    ...event.attempts.map((attempt) => release(callID, attempt)),
  ];
}

function prepare(event: CallEvent & { media: MediaKind }, { attempt, workerID }: Attempt, leg: LegPlan): Effect[] {
  const { callID, media } = event;
  const { legID, role: party, device } = leg;
  const owner = ownerOf(device);
  return [
    toWorker(workerID, { type: 'PrepareLeg', callID, attempt, party, legID, media, owner }, [offerRef(legID)]),
    toDevice(device, { type: 'Route', callID, attempt, workerID, legID }),
  ];
}

const release = (callID: CallID, { attempt, workerID }: Attempt): Effect =>
  toWorker(workerID, { type: 'ReleaseCall', callID, attempt });

const join = ({ callID }: CallEvent, { attempt, workerID }: Attempt): Effect =>
  toWorker(workerID, { type: 'JoinLegs', callID, attempt });

const moveLeg = ({ callID }: CallEvent, { attempt, workerID }: Attempt, { legID, device }: LegPlan): Effect =>
  toWorker(workerID, { type: 'MoveLeg', callID, attempt, legID, owner: ownerOf(device) });

const ownerOf = ({ gateway, session, connection }: Device) => ({ gateway, session, connection });

const progress = ({ callID, n }: CallEvent, device: Device, phase: Phase): Effect =>
  toDevice(device, { type: 'Progress', callID, n, phase });

type AnsweredLeg = Pick<Event<'LegAnswered'>, 'role' | 'legID' | 'renegotiated'>;

const answer = ({ callID, n }: CallEvent, device: Device, { role, legID, renegotiated }: AnsweredLeg): Effect =>
  toDevice(device, { type: 'Answer', callID, n, role, legID, renegotiated }, [answerRef(legID)]);
