/** What every rule of a Call needs: how an event is made, how a call ends, and what is said of one that is over. */
import type { CallCommand, CallID, Device, DeviceEnding, EndedBy, Ending, Reason, Role } from '@switchboard/protocol';
import type { Policy } from '../policy.ts';
import type { CallEvent, Farewell } from './events.ts';
import { isTalking, sidesOf, wasAnswered, type CallState, type EndedCall, type LiveCall, type Side } from './state.ts';

export type Command<Type extends CallCommand['type']> = Extract<CallCommand, { type: Type }>;
export type Decision = readonly CallEvent[];
export interface Context {
  readonly call: LiveCall;
  readonly now: number;
  readonly policy: Policy;
}

type Plain<E> = E extends CallEvent ? Omit<E, 'v' | 'callID' | 'n'> : never;

/** The `step`th event that follows from this state in one decision. */
export function happened(call: CallState, event: Plain<CallEvent>, step = 1): CallEvent {
  return { v: 1, callID: call.callID, n: call.n + step, ...event } as CallEvent;
}

/** When media is to be there: a party that is away may take its grace time first. */
export const setupUntil = ({ call, now, policy }: Context, { away = isAnyAway(call) } = {}): number =>
  now + policy.setupMs + (away ? policy.graceMs : 0);

const isAnyAway = (call: LiveCall): boolean => sidesOf(call).some(({ party }) => party.link === 'away');

interface EndOptions {
  /** False if the callee's Line never took it. */
  readonly calleeEngaged?: boolean;
  readonly winner?: CallID;
}

/** The one end of a call. */
export function end(
  { call, now, policy }: Context,
  { reason, endedBy }: { readonly reason: Reason; readonly endedBy: EndedBy },
  { calleeEngaged = true, winner }: EndOptions = {},
): Decision {
  const farewell = ({ role, party }: Side): Farewell => ({
    role,
    device: party.device,
    answered: call.phase === 'connected' || wasAnswered(party),
    // Who has asked how the call is may have been told so after he stopped it.
    tell: winner === undefined ? role !== endedBy || party.asked : role === 'callee',
  });
  const listeners = isTalking(call) ? [] : call.listeners;
  const listening = { role: 'callee', answered: false, tell: true } as const;
  return [
    happened(call, {
      type: 'CallEnded',
      ending: { reason, endedBy, phase: call.phase },
      winner,
      parties: [...sidesOf(call).map(farewell), ...listeners.map((device) => ({ ...listening, device }))],
      lines: calleeEngaged ? [call.caller.userID, call.calleeID] : [call.caller.userID],
      attempts: call.attempts,
      forgetAt: now + policy.tombstoneMs,
    }),
  ];
}

/** This device is not in the call (any more), and is told so. */
export function refuse(call: Pick<CallState, 'callID' | 'n'>, device: Device, ending: DeviceEnding): Decision {
  return [{ v: 1, type: 'DeviceRefused', callID: call.callID, n: call.n, device, ending }];
}

/** Another session of this user is in the call. A caller's other one is no more. */
export const elsewhere = (call: LiveCall, role: Role, device: Device): Decision =>
  role === 'callee'
    ? refuse(call, device, { reason: 'answered_elsewhere', endedBy: role, phase: 'ringing' })
    : refuse(call, device, { reason: 'connection_lost', endedBy: role, phase: call.phase });

/** To a call that has ended: late devices hear its reason, lines are freed again, strays are released. */
export function callOver(call: EndedCall, command: CallCommand): Decision {
  if (command.type === 'PartyHere' && call.winner) return merged(call, call.winner, command);
  // A worker that still speaks of a leg may have lost the release, if it died with it in hand.
  return afterwards(call, call.ending, command);
}

/** It did not end for this device: it goes on as the call that won. */
function merged(call: EndedCall, into: CallID, { device, userID }: Command<'PartyHere'>): Decision {
  const peer = call.users.find((each) => each !== userID);
  if (peer === undefined || !call.users.includes(userID)) return refuse(call, device, call.ending);
  return [{ v: 1, type: 'DeviceMerged', callID: call.callID, n: call.n, device, into, peer }];
}

/** What devices, Lines and workers hear when they speak of a call that is over, or that nobody knows. */
export function afterwards(call: Pick<CallState, 'callID' | 'n'>, ending: Ending, command: CallCommand): Decision {
  const base = { v: 1, callID: call.callID, n: call.n } as const;
  switch (command.type) {
    case 'Accept':
    case 'PartyHere':
    case 'Renegotiate':
      return refuse(call, command.device, ending);
    case 'AskCall':
      return [{ ...base, type: 'LineTold', userID: command.userID, ending }];
    case 'LegAnswered':
    case 'LegConnected':
      return [{ ...base, type: 'StrayAttempt', attempt: command.attempt, workerID: command.workerID }];
    default:
      return [];
  }
}
