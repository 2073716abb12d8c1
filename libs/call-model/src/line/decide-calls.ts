/** The rules of a Line's one call: placing, busy, glare, ringing, and what a device may stop. */
import { uuidOfCall, type CallID } from '@switchboard/protocol';
import { ringingBut, speakerOf, type Command, type Context, type Decision } from './decide-common.ts';
import type { LineEvent } from './events.ts';
import { concerns, isUp, reachable, type CallerEngagement, type Engagement, type LineState } from './state.ts';

export function place({ line, now, policy }: Context, command: Command<'Place'>): Decision {
  const { userID, callID, calleeID, media, legID, requestID } = command;
  const device = speakerOf(line, command)?.device;
  if (!device) return [];
  const refuse = (reason: 'busy' | 'forbidden'): Decision => [
    { v: 1, type: 'PlaceRefused', userID, callID, device, reason },
  ];
  if (calleeID === userID) return refuse('forbidden');
  const known = requestOf(line, requestID);
  if (known) return [{ v: 1, type: 'PlaceRepeated', userID, callID, into: known.callID, peer: known.peer, device }];
  const checkAt = now + policy.checkMs;
  const { engaged } = line;
  if (engaged?.kind === 'ringing' && engaged.callerID === calleeID) {
    const taken = { placed: callID, callID: engaged.callID, callerID: calleeID, device, legID };
    return [{ v: 1, type: 'CalledBack', userID, ...taken, requestID }];
  }
  if (engaged) return engaged.callID === callID ? [] : refuse('busy');
  const ringUntil = now + policy.ringMs;
  return [{ v: 1, type: 'CallPlaced', userID, callID, device, calleeID, media, legID, requestID, ringUntil, checkAt }];
}

export function ring({ line, now, policy }: Context, command: Command<'Ring'>): Decision {
  const { userID, callID, n, callerID, media, until: ringUntil } = command;
  const refuse = (reason: 'busy' | 'unreachable'): Decision => [{ v: 1, type: 'RingRefused', userID, callID, reason }];
  const checkAt = now + policy.checkMs;
  const { engaged } = line;
  if (engaged?.callID === callID) return [];
  if (engaged?.kind === 'caller' && engaged.calleeID === callerID) return glare(line, engaged, command, checkAt);
  if (engaged) return refuse('busy');
  const waits = policy.offlineCallee === 'wake';
  if (line.devices.length === 0 && !waits) return refuse('unreachable');
  const sessions = line.devices.map(({ device }) => device.session);
  const who = { callID, n, callerID, media, devices: reachable(line), sessions };
  return [{ v: 1, type: 'LineRang', userID, ...who, ringUntil, waits, checkAt }];
}

/**
 * Each called the other. Both Lines apply one rule to what they see: the lower uuid wins. If ours wins, the other Line puts the
 * loser's device into it, unless it was through with ours before: so theirs is held until it ends, or ours does.
 */
function glare(line: LineState, ours: CallerEngagement, theirs: Command<'Ring'>, checkAt: number): Decision {
  const { userID } = line;
  if (ours.ringUntil === undefined || uuidOfCall(ours.callID) < uuidOfCall(theirs.callID)) return [held(theirs)];
  const device = line.devices.find((each) => each.device.session === ours.session)?.device;
  if (!device) return [];
  const { callID, callerID } = theirs;
  const taken = { placed: ours.callID, callID, callerID, device, legID: ours.legID };
  return [{ v: 1, type: 'GlareLost', userID, ...taken, checkAt }];
}

const held = ({ userID, callID, n, callerID, media, until: ringUntil }: Command<'Ring'>): LineEvent => ({
  ...{ v: 1, type: 'RingHeld', userID, callID },
  ...{ n, callerID, media, ringUntil },
});

/** The user's own call is over: what was held back rings now. */
export function ringHeld(context: Context, { engaged: before, userID }: LineState): Decision {
  if (before?.kind !== 'caller' || !before.held || context.line.engaged) return [];
  const { callID, n, callerID, media, ringUntil: until } = before.held;
  return ring(context, { type: 'Ring', userID, callID, n, callerID, media, until });
}

/** The Call has the last word on which device got it, the Line on where that device is. */
export function answered({ line }: Context, { userID, callID, n, session }: Command<'Answered'>): Decision {
  const { engaged } = line;
  if (engaged?.callID !== callID) return [];
  if (engaged.kind === 'caller') return [{ v: 1, type: 'RingOver', userID, callID }];
  const others = ringingBut(line, session);
  const answering = line.devices.find(({ device }) => device.session === session);
  if (!answering) return [{ v: 1, type: 'AnswerMissed', userID, callID, n, others }];
  const { device } = answering;
  const away = isUp(answering) ? undefined : device;
  const moved = !away && device.connection > 1 ? device : undefined;
  return [{ v: 1, type: 'LineAnswered', userID, callID, n, session, others, away, moved }];
}

export function stop({ line, now, policy }: Context, command: Command<'Decline'> | Command<'Stop'>): Decision {
  const { userID, session } = command;
  const { engaged } = line;
  const speaker = speakerOf(line, command)?.device;
  if (!engaged || !speaker || !means(engaged, command.callID) || !concerns(engaged, session)) return [];
  const { callID } = engaged;
  const n = engaged.kind === 'ringing' ? engaged.n + 1 : 0;
  const forgetAt = now + policy.tombstoneMs;
  // Who stops what he placed may not know yet what it has become: it may ring on his own device.
  const unaware = command.callID === callID ? [] : [speaker];
  return [
    { v: 1, type: 'LineStopped', userID, callID, n, others: [...ringingBut(line, session), ...unaware], forgetAt },
  ];
}

const means = (engaged: Engagement, callID: CallID): boolean =>
  engaged.callID === callID || engaged.aliases.includes(callID);

export function release({ line, now, policy }: Context, command: Command<'Release'>): Decision {
  const { userID, callID, n, reason, endedBy, phase } = command;
  const { engaged } = line;
  if (engaged?.kind === 'caller' && engaged.held?.callID === callID) {
    return [{ v: 1, type: 'HeldRingOver', userID, callID }];
  }
  if (engaged?.callID !== callID) return [];
  const ending = { reason, endedBy, phase };
  const forgetAt = now + policy.tombstoneMs;
  return [{ v: 1, type: 'LineReleased', userID, callID, n, ending, ringing: ringingBut(line, undefined), forgetAt }];
}

/** What is overdue: a question to the Call, and requests that are old. */
export function check({ line, now, policy }: Context): Decision {
  const { userID, engaged, requests } = line;
  const old = requests.filter(({ until }) => until <= now);
  const forgotten = old.map(({ requestID }): LineEvent => ({ v: 1, type: 'RequestForgotten', userID, requestID }));
  if (!engaged || engaged.checkAt > now) return forgotten;
  const { callID } = engaged;
  return [...forgotten, { v: 1, type: 'LineChecked', userID, callID, checkAt: now + policy.checkMs }];
}

function requestOf({ engaged, requests }: LineState, requestID: string | undefined) {
  if (requestID === undefined) return undefined;
  if (engaged?.asked?.requestID === requestID) return { callID: engaged.callID, peer: engaged.asked.peer };
  return requests.find((each) => each.requestID === requestID);
}
