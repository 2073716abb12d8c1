/** The rules of a Call's media: each placement is an attempt, and only the current one is heard. */
import type { WorkerID } from '@switchboard/protocol';
import { end, happened, type Command, type Context, type Decision } from './decide-common.ts';
import type { LegPlan } from './events.ts';
import { isTalking, partyOfLeg, sidesOf, type LiveCall, type Side } from './state.ts';

/** Workers that refused a call before it is given up. */
const MAX_ATTEMPTS = 3;

export function workerChosen(context: Context, command: Command<'WorkerChosen'>): Decision {
  const { call } = context;
  if (call.media.kind !== 'wanted' || call.media.attempt !== command.attempt) return [];
  const { attempt, workerID } = command;
  if (!workerID) return end(context, { reason: 'no_capacity', endedBy: 'system' });
  const legs = sidesOf(call).flatMap(plan);
  return [
    happened(call, { type: 'AttemptPlaced', attempt, workerID, media: call.mediaKind, legs, join: isTalking(call) }),
  ];
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
  return [connected, happened(call, { type: 'CallConnected', devices, until: now + policy.maxCallMs }, 2)];
}

export function mediaFailed(context: Context, command: Command<'MediaFailed'>): Decision {
  const { call } = context;
  if (!isCurrent(call, command)) return [];
  const next = command.attempt + 1;
  if (command.cause === 'no_capacity' && next <= MAX_ATTEMPTS) {
    const exclude: WorkerID[] = call.attempts.map(({ workerID }) => workerID);
    return [happened(call, { type: 'MediaWanted', attempt: next, exclude })];
  }
  return end(context, { reason: command.cause, endedBy: 'system' });
}

export function workerLost(context: Context, { workerID }: Command<'WorkerLost'>): Decision {
  const { media } = context.call;
  if (media.kind !== 'placed' || media.workerID !== workerID) return [];
  return end(context, { reason: 'media_server_lost', endedBy: 'system' });
}

/** A leg that is void is made ready when its new offer comes. */
const plan = ({ role, party: { leg, legID, device } }: Side): LegPlan[] =>
  leg === 'void' ? [] : [{ role, legID, device }];

const stray = (call: LiveCall, { attempt, workerID }: { attempt: number; workerID: WorkerID }) =>
  ({ v: 1, type: 'StrayAttempt', callID: call.callID, n: call.n, attempt, workerID }) as const;

function isCurrent({ media }: LiveCall, { attempt, workerID }: { attempt: number; workerID: WorkerID }): boolean {
  return media.kind === 'placed' && media.attempt === attempt && media.workerID === workerID;
}
