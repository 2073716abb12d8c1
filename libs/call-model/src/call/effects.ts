/** What others are told when something happened to a Call. */
import { answerRef, offerRef, type Device, type MediaKind, type Phase } from '@switchboard/protocol';
import { toDevice, toLine, toWorker, type Effect } from '../effect.ts';
import type { CallEvent, LegPlan } from './events.ts';
import type { Attempt, Party } from './state.ts';

type Event<Type extends CallEvent['type']> = Extract<CallEvent, { type: Type }>;

export function callEffects(event: CallEvent, partitions: number): readonly Effect[] {
  const { callID, n } = event;
  switch (event.type) {
    case 'CallStarted': {
      const { caller, calleeID, media } = event;
      const ring = { type: 'Ring', userID: calleeID, callID, n, callerID: caller.userID, media } as const;
      return [progress(event, caller.device, 'inviting'), toLine(ring, partitions)];
    }
    case 'MediaWanted':
      return [
        { to: 'shell', question: { type: 'ChooseWorker', callID, attempt: event.attempt, exclude: event.exclude } },
      ];
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
    case 'CallEnded':
      return ended(event, partitions);
    case 'AcceptRefused':
      return [toDevice(event.device, { type: 'Ended', callID, n, role: 'callee', answered: false, ...event.ending })];
    case 'StrayAttempt':
      return [toWorker(event.workerID, { type: 'ReleaseCall', callID, attempt: event.attempt })];
    case 'LineTold':
      return [toLine({ type: 'Release', userID: event.userID, callID, n, ...event.ending }, partitions)];
    case 'CalleeTookCall':
    case 'LegConnected':
    case 'AttemptReleased':
    case 'CallForgotten':
      return [];
    default:
      return event satisfies never;
  }
}

function placed(event: Event<'AttemptPlaced'>): Effect[] {
  const prepared = event.legs.flatMap((leg) => prepare(event, event, leg));
  const [caller, callee] = event.legs;
  return event.join && caller && callee ? [...prepared, join(event, event, [caller, callee])] : prepared;
}

function accepted(event: Event<'CallAccepted'>, partitions: number): Effect[] {
  const { callID, n, caller, callee, placed } = event;
  const answered = { type: 'Answered', userID: callee.userID, callID, n, session: callee.device.session } as const;
  const media = placed
    ? [...prepare(event, placed, { role: 'callee', ...callee }), join(event, placed, [caller, callee])]
    : [];
  const toCaller =
    caller.leg === 'answered'
      ? answer(event, caller.device, { role: 'caller', legID: caller.legID })
      : progress(event, caller.device, 'connecting');
  return [...media, toCaller, progress(event, callee.device, 'connecting'), toLine(answered, partitions)];
}

function ended(event: Event<'CallEnded'>, partitions: number): Effect[] {
  const { callID, n, ending } = event;
  return [
    ...event.lines.map((userID) => toLine({ type: 'Release', userID, callID, n, ...ending }, partitions)),
    ...event.parties
      .filter(({ tell }) => tell)
      .map(({ role, device, answered }) => toDevice(device, { type: 'Ended', callID, n, role, answered, ...ending })),
    ...event.attempts.map(({ attempt, workerID }) => toWorker(workerID, { type: 'ReleaseCall', callID, attempt })),
  ];
}

function prepare(event: CallEvent & { media: MediaKind }, { attempt, workerID }: Attempt, leg: LegPlan): Effect[] {
  const { callID } = event;
  const { legID, role: party, device } = leg;
  const owner = { gateway: device.gateway, session: device.session, connection: device.connection };
  return [
    toWorker(workerID, { type: 'PrepareLeg', callID, attempt, party, legID, media: event.media, owner }, [
      offerRef(legID),
    ]),
    toDevice(device, { type: 'Route', callID, attempt, workerID, legID }),
  ];
}

function join(
  event: CallEvent,
  { attempt, workerID }: Attempt,
  [caller, callee]: readonly [Pick<Party, 'legID'>, Pick<Party, 'legID'>],
): Effect {
  return toWorker(workerID, {
    type: 'JoinLegs',
    callID: event.callID,
    attempt,
    callerLeg: caller.legID,
    calleeLeg: callee.legID,
  });
}

const progress = ({ callID, n }: CallEvent, device: Device, phase: Phase): Effect =>
  toDevice(device, { type: 'Progress', callID, n, phase });

const answer = ({ callID, n }: CallEvent, device: Device, { role, legID }: Pick<LegPlan, 'role' | 'legID'>): Effect =>
  toDevice(device, { type: 'Answer', callID, n, role, legID }, [answerRef(legID)]);
