/**
 * The rules of a Call: who was first, what ends it and why, when a worker is needed. Each command has a function; what does
 * not fit the phase changes nothing, and whoever must know the truth is told it.
 */
import type { CallCommand, Device, LegID, MediaKind, Role, UserID } from '@switchboard/protocol';
import type { Policy } from '../policy.ts';
import type { CallEvent } from './events.ts';
import { attemptReleased, legAnswered, legConnected, mediaFailed, workerChosen, workerLost } from './decide-media.ts';
import {
  afterwards,
  callOver,
  elsewhere,
  end,
  happened,
  setupUntil,
  type Command,
  type Context,
  type Decision,
} from './decide-common.ts';
import { partyAway, partyHere, renegotiate, showMedia, shows } from './decide-parties.ts';
import {
  deadlineOf,
  isRebuilt,
  isTalking,
  placementOf,
  shownAtFirst,
  type CallState,
  type Party,
  type Ringing,
} from './state.ts';

export function decideCall(call: CallState | undefined, command: CallCommand, now: number, policy: Policy): Decision {
  if (!call) return command.type === 'StartCall' ? start(command, now, policy) : unknown(command);
  if (command.type === 'WakeCall') return wake(call, now, policy);
  if (command.type === 'AttemptReleased') return attemptReleased(call, command);
  if (call.phase === 'ended') return callOver(call, command);
  const context: Context = { call, now, policy };
  switch (command.type) {
    case 'StartCall':
      return [];
    case 'CalleeAlerted':
      return call.phase === 'inviting' ? summoned(call, command) : [];
    case 'CalleeRefused':
      // Whatever a device said: without its Line there is no call.
      return end(context, { reason: command.reason, endedBy: 'system' }, { calleeEngaged: false });
    case 'DeviceRinging':
      return ringing(call, command);
    case 'Accept':
      return accept(context, command);
    case 'PartyStopped':
      return partyStopped(context, command);
    case 'PartyLeft':
      return partyLeft(context, command);
    case 'PartyAway':
      return partyAway(context, command);
    case 'Supersede':
      return end(context, { reason: 'superseded', endedBy: 'system' }, { winner: command.by });
    case 'PartyHere':
      return partyHere(context, command);
    case 'Renegotiate':
      return renegotiate(context, command);
    case 'ShowMedia':
      return showMedia(context, command);
    case 'AskCall':
      return [call.caller.userID, call.calleeID].includes(command.userID) ? [] : lineTold(call, command);
    case 'WorkerChosen':
      return workerChosen(context, command);
    case 'LegAnswered':
      return legAnswered(call, command);
    case 'LegConnected':
      return legConnected(context, command);
    case 'MediaFailed':
      return mediaFailed(context, command);
    case 'WorkerLost':
      return workerLost(context, command);
    default:
      return command satisfies never;
  }
}

function start(command: Command<'StartCall'>, now: number, policy: Policy): Decision {
  const { callID, callerID, calleeID, device, media, legID, requestID } = command;
  const caller = newParty(callerID, device, legID, media);
  return [{ v: 1, type: 'CallStarted', callID, n: 1, caller, calleeID, media, requestID, until: now + policy.ringMs }];
}

const newParty = (userID: UserID, device: Device, legID: LegID, media: MediaKind): Party => ({
  ...{ userID, device, legID, leg: 'offered', offers: 1, link: 'here', asked: false },
  shown: shownAtFirst(media),
});

/** The callee's Line took the call. Media is wanted once a device was told to ring. */
function summoned(call: Ringing, { waiting }: Command<'CalleeAlerted'>): Decision {
  if (call.summoned === 'alerted' || (waiting && call.summoned === 'waiting')) return [];
  return waiting ? [happened(call, { type: 'CalleeTookCall', waiting })] : alerted(call);
}

const alerted = (call: Ringing): Decision => [
  happened(call, { type: 'CalleeTookCall', waiting: false }),
  happened(call, { type: 'MediaWanted', attempt: 1, exclude: [] }, 2),
];

/** A device's word may overtake its Line's: then it says both. */
function ringing(call: CallState, command: Command<'DeviceRinging'>): Decision {
  if (call.phase !== 'inviting' || command.userID !== call.calleeID) return [];
  const before = call.summoned === 'alerted' ? [] : alerted(call);
  return [...before, happened(call, { type: 'CallRinging', device: call.caller.device }, before.length + 1)];
}

function accept(context: Context, command: Command<'Accept'>): Decision {
  const { call } = context;
  if (command.userID !== call.calleeID) return [];
  if (isTalking(call)) {
    if (call.callee.device.session === command.device.session) return [];
    return elsewhere(call, 'callee', command.device);
  }
  const { media, caller, mediaKind } = call;
  const accepted = happened(call, {
    type: 'CallAccepted',
    caller,
    callee: newParty(command.userID, command.device, command.legID, mediaKind),
    media: mediaKind,
    placed: placementOf(call),
    until: setupUntil(context),
  });
  const wanted = { type: 'MediaWanted', attempt: 1, exclude: [] } as const;
  const shown = { type: 'MediaShown', role: 'caller', shown: caller.shown, peer: command.device } as const;
  const more = [...(media.kind === 'none' ? [wanted] : []), ...(shows(caller, shownAtFirst(mediaKind)) ? [] : [shown])];
  const others = call.listeners.filter(({ session }) => session !== command.device.session);
  return [
    accepted,
    ...more.map((event, index) => happened(call, event, index + 2)),
    ...others.flatMap((device) => elsewhere(call, 'callee', device)),
  ];
}

/** The user stopped it on his own Line: cancel, decline or hang-up, whichever the phase makes of it. */
function partyStopped(context: Context, { userID }: Command<'PartyStopped'>): Decision {
  const { call } = context;
  const endedBy = roleOf(call, userID);
  if (!endedBy) return [];
  if (isTalking(call)) return end(context, { reason: 'completed', endedBy });
  return end(context, { reason: endedBy === 'caller' ? 'cancelled' : 'declined', endedBy });
}

/** The device that held the user's side of the call is gone. */
function partyLeft(context: Context, { userID }: Command<'PartyLeft'>): Decision {
  const { call } = context;
  const endedBy = roleOf(call, userID);
  if (!endedBy) return [];
  if (isTalking(call)) return end(context, { reason: 'connection_lost', endedBy });
  return endedBy === 'caller'
    ? end(context, { reason: 'cancelled', endedBy })
    : end(context, { reason: 'unreachable', endedBy: 'system' });
}

function wake(call: CallState, now: number, policy: Policy): Decision {
  if (call.phase === 'ended') return call.forgetAt <= now ? [happened(call, { type: 'CallForgotten' })] : [];
  if (deadlineOf(call) > now) return [];
  const context: Context = { call, now, policy };
  switch (call.phase) {
    case 'inviting':
      return end(context, { reason: call.summoned === 'asked' ? 'service_error' : 'no_answer', endedBy: 'system' });
    case 'ringing':
      return end(context, { reason: 'no_answer', endedBy: 'system' });
    case 'connecting':
      return end(context, { reason: isRebuilt(call) ? 'media_server_lost' : 'setup_failed', endedBy: 'system' });
    case 'connected':
      return end(context, { reason: call.until > now ? 'media_server_lost' : 'max_duration', endedBy: 'system' });
    default:
      return call satisfies never;
  }
}

/** Nobody knows this call (any more): devices are told that it is over, lines are freed, media is released. */
function unknown(command: Exclude<CallCommand, { type: 'StartCall' }>): Decision {
  const resumed = command.type === 'PartyHere' || command.type === 'Renegotiate';
  const reason = resumed ? 'connection_lost' : 'cancelled';
  return afterwards({ callID: command.callID, n: 0 }, { reason, endedBy: 'system', phase: 'ended' }, command);
}

const lineTold = (call: CallState, { userID }: Command<'AskCall'>): readonly CallEvent[] => [
  {
    v: 1,
    type: 'LineTold',
    callID: call.callID,
    n: call.n,
    userID,
    ending: { reason: 'service_error', endedBy: 'system', phase: call.phase },
  },
];

function roleOf(call: Context['call'], userID: string): Role | undefined {
  if (call.caller.userID === userID) return 'caller';
  return call.calleeID === userID ? 'callee' : undefined;
}
