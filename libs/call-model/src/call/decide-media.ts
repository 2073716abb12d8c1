/** The rules of a Call's media: each placement is an attempt, and only the current one is heard. */
import type { WorkerID } from '@switchboard/protocol';
import { end, happened, setupUntil, type Command, type Context, type Decision } from './decide-common.ts';
import type { CallEvent, LegPlan } from './events.ts';
import {
  isRebuilt,
  isTalking,
  partyOfLeg,
  sidesOf,
  type CallState,
  type LiveCall,
  type Placed,
  type Side,
} from './state.ts';

/** Workers that refuse a call in one round of asking before it is given up. */
const MAX_REFUSALS = 3;

export function workerChosen(context: Context, command: Command<'WorkerChosen'>): Decision {
  const { call } = context;
  if (call.media.kind !== 'wanted' || call.media.attempt !== command.attempt) return [];
  const { attempt, workerID } = command;
  if (!workerID) return giveUp(context, 'no_capacity');
  const legs = sidesOf(call).filter(isOffered).map(plan);
  const join = isTalking(call) && legs.length > 0;
  const placed = happened(call, { type: 'AttemptPlaced', attempt, workerID, media: call.mediaKind, legs, join });
  const voided = isRebuilt(call) ? sidesOf(call).filter(isCut) : [];
  return [placed, ...voided.map((side, index) => cut(call, side, index + 2))];
}

export function legAnswered(call: LiveCall, command: Command<'LegAnswered'>): Decision {
  if (!isCurrent(call, command)) return [stray(call, command)];
  const side = partyOfLeg(call, command.legID);
  if (side?.party.leg !== 'offered') return [];
  const { role, party } = side;
  const { legID, device, offers } = party;
  const deliver = isTalking(call);
  return [happened(call, { type: 'LegAnswered', role, legID, device, deliver, renegotiated: offers > 1 })];
}

export function legConnected({ call, now, policy }: Context, command: Command<'LegConnected'>): Decision {
  if (!isCurrent(call, command)) return [stray(call, command)];
  const side = partyOfLeg(call, command.legID);
  if (!isTalking(call) || side?.party.leg !== 'delivered') return [];
  const connected = happened(call, { type: 'LegConnected', role: side.role });
  const other = side.role === 'caller' ? call.callee : call.caller;
  if (call.phase === 'connected' || other.leg !== 'connected') return [connected];
  const devices = [call.caller.device, call.callee.device];
  return [connected, happened(call, { type: 'CallConnected', devices, until: now + policy.maxCallMs, at: now }, 2)];
}

export function mediaFailed(context: Context, command: Command<'MediaFailed'>): Decision {
  const { media } = context.call;
  if (media.kind !== 'placed' || !isCurrent(context.call, command)) return [];
  switch (command.cause) {
    case 'no_capacity':
      // A worker that made an answer before must have forgotten it.
      return sidesOf(context.call).some(isCut) ? lost(context, media) : refused(context, media);
    case 'media_server_lost':
      return lost(context, media);
    case 'setup_failed':
      return giveUp(context, 'setup_failed');
    default:
      return command.cause satisfies never;
  }
}

export function workerLost(context: Context, { workerID }: Command<'WorkerLost'>): Decision {
  const { media } = context.call;
  return media.kind === 'placed' && media.workerID === workerID ? lost(context, media) : [];
}

export function attemptReleased(call: CallState, { attempt, workerID }: Command<'AttemptReleased'>): Decision {
  const held = call.attempts.some((each) => each.attempt === attempt && each.workerID === workerID);
  return held ? [happened(call, { type: 'AttemptReleased', attempt, workerID })] : [];
}

function refused(context: Context, { attempt, workerID, passed = [], lost }: Placed): Decision {
  const exclude = [...passed, workerID];
  if (exclude.filter((id) => id !== lost).length >= MAX_REFUSALS) return giveUp(context, 'no_capacity');
  const instead = { attempt, workerID };
  return [happened(context.call, { type: 'MediaWanted', attempt: attempt + 1, exclude, lost, instead })];
}

/**
 * The media is gone with its server: the call is rebuilt on another. Whoever has an answer of the lost one is asked for a new
 * offer once there is another; an offer without an answer serves that one too. However many are lost on the way, there is one
 * deadline.
 */
function lost(context: Context, { attempt, workerID, lost: before }: Placed): Decision {
  const { call } = context;
  if (!sidesOf(call).filter(isCut).every(canRenegotiate)) {
    return end(context, { reason: 'media_server_lost', endedBy: 'system' });
  }
  const until = isTalking(call) && before === undefined ? setupUntil(context) : undefined;
  const round = { exclude: [workerID], lost: workerID, instead: { attempt, workerID }, until };
  return [happened(call, { type: 'MediaWanted', attempt: attempt + 1, ...round })];
}

const isOffered = ({ party: { leg } }: Side): boolean => leg === 'offered';

/** It has an answer of a server that is lost. */
const isCut = ({ party: { leg } }: Side): boolean => leg !== 'offered' && leg !== 'void';

const cut = (call: LiveCall, { role, party: { device } }: Side, step: number): CallEvent =>
  happened(call, { type: 'LegVoided', role, device, cause: 'media_server_lost' }, step);

const canRenegotiate = ({ party: { device } }: Side): boolean =>
  device.capabilities.includes('native') && device.capabilities.includes('renegotiate');

/** No media for it. One that had some before has lost it. */
function giveUp(context: Context, reason: 'no_capacity' | 'setup_failed'): Decision {
  return end(context, { reason: isRebuilt(context.call) ? 'media_server_lost' : reason, endedBy: 'system' });
}

const plan = ({ role, party: { legID, device } }: Side): LegPlan => ({ role, legID, device });

const stray = (call: LiveCall, { attempt, workerID }: { attempt: number; workerID: WorkerID }) =>
  ({ v: 1, type: 'StrayAttempt', callID: call.callID, n: call.n, attempt, workerID }) as const;

function isCurrent({ media }: LiveCall, { attempt, workerID }: { attempt: number; workerID: WorkerID }): boolean {
  return media.kind === 'placed' && media.attempt === attempt && media.workerID === workerID;
}
