/**
 * How a call is, said by the Call itself to a device that asked: after a resume, and after its own call became another.
 * Invariant: a call that the client gave up meanwhile does not come back by it.
 */
import type { Action, SessionMessage, World } from './actions.ts';
import { roleIn } from './calls.ts';
import { routed, toClient } from './candidates.ts';
import { dropped, stopCommand, type Member } from './member.ts';
import { ask } from './resume.ts';
import type { Leg } from './leg.ts';

type Message<T extends SessionMessage['type']> = Extract<SessionMessage, { type: T }>;

export function snapshot(member: Member, message: Message<'Snapshot'>, sdpAnswer: string | undefined): Action[] {
  const { callID, n, phase, role, peer, legID } = message;
  const known = member.calls.snapshot(callID, role, peer);
  if (known === undefined) return dropped();
  if (known.kind === 'stopped') return member.tell({ kind: 'progress', callID, n, phase });
  const leg = legID === undefined ? undefined : member.calls.legs.adopt(callID, legID);
  return [
    ...state(member, message, sdpAnswer),
    ...(leg === undefined ? [] : resumeLeg(member, leg, message, sdpAnswer)),
  ];
}

function state(member: Member, message: Message<'Snapshot'>, sdpAnswer: string | undefined): Action[] {
  const { callID, n, phase, role, peer, media, legID, peerAway, peerShown, ownShown, connectedMs } = message;
  const now = { phase, role, peer, media, legID, sdpAnswer, peerAway, peerShown, ownShown, connectedMs };
  return member.tell({ kind: 'state', callID, n, ...now });
}

/** Its candidates flow again, both ways. */
function resumeLeg(member: Member, leg: Leg, message: Message<'Snapshot'>, sdpAnswer: string | undefined): Action[] {
  const { attempt, workerID, answered } = message;
  const toWorker = attempt === undefined || workerID === undefined ? [] : routed(leg, { attempt, workerID });
  const held = answered ? leg.answer() : undefined;
  if (held === undefined) return toWorker;
  return [...answer(member, leg, message, sdpAnswer), ...toClient(member, leg, held), ...toWorker];
}

/** A seed client understands no state, but it waits for its answer: the one that was sent may have come before its call was known. */
function answer(
  member: Member,
  leg: Leg,
  { callID, n, role: said }: Message<'Snapshot'>,
  sdpAnswer: string | undefined,
) {
  if (member.isNative || sdpAnswer === undefined) return [];
  const role = roleIn(member.calls.get(callID), said);
  return member.tell({ kind: 'answer', role, callID, legID: leg.id, n, sdpAnswer, renegotiated: false });
}

/** A `stop` that was on its way named a call that is none any more, and its Line dropped it: it is said again. */
export function merged(member: Member, { callID, into }: Message<'Merged'>, world: World): Action[] {
  if (member.calls.merge(callID, into)) return [ask(member, { callID: into, fresh: false }, world)];
  // Line and Call may both say so.
  if (member.calls.find(callID)?.callID === into) return dropped();
  const named = member.calls.get(callID)?.kind === 'stopped';
  member.calls.drop(callID);
  const name = named ? member.tell({ kind: 'progress', callID, n: 0, phase: 'inviting' }) : [];
  return [...name, stopCommand(member, into)];
}
