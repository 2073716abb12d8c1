/**
 * Messages from Lines, Calls and workers to a logged-in session, turned into frames. A message about a call or a leg that
 * is not in the session's table is late: it is dropped.
 */
import { answerRef, type GatewayMessage } from '@switchboard/protocol';
import type { Action, CommandAction, World } from './actions.ts';
import { toWorker } from './from-client.ts';
import { CONNECTION, dropped, type Member } from './member.ts';

type Message<T extends GatewayMessage['type']> = Extract<GatewayMessage, { type: T }>;
export type Blobs = Readonly<Record<string, string>>;

export function fromMail(member: Member, message: GatewayMessage, blobs: Blobs, world: World): Action[] {
  if (message.session !== member.session || message.connection !== CONNECTION) return dropped();
  switch (message.type) {
    case 'Attached':
      return attached(member, world);
    case 'Incoming':
      return incoming(member, message);
    case 'Progress':
      return progress(member, message);
    case 'Route':
      return route(member, message);
    case 'Answer':
      return answer(member, message, blobs[answerRef(message.legID)]);
    case 'Ended':
      return ended(member, message);
    case 'LocalCandidate':
      return localCandidate(member, message);
    default:
      return message satisfies never;
  }
}

function attached(member: Member, { welcome }: World): Action[] {
  if (member.welcomed) return dropped();
  member.welcomed = true;
  return member.tell({ kind: 'loggedIn', sessionID: member.session, welcome });
}

/** A seed client knows no `ringing`: it counts as ringing once the frame was written. */
function incoming(member: Member, { callID, n, callerID, media }: Message<'Incoming'>): Action[] {
  if (!member.calls.ring(callID, callerID)) return dropped();
  const frames = member.tell({ kind: 'incoming', callID, n, callerID, media });
  if (member.isNative) return frames;
  const written: CommandAction = {
    kind: 'command',
    command: { type: 'DeviceRinging', callID, userID: member.userID, ...member.speaker },
  };
  return frames.map((frame) => (frame.kind === 'frame' ? { ...frame, written } : frame));
}

function progress(member: Member, { callID, n, phase }: Message<'Progress'>): Action[] {
  if (member.calls.get(callID) === undefined) return dropped();
  member.calls.name(callID);
  return member.tell({ kind: 'progress', callID, n, phase });
}

function route(member: Member, { callID, attempt, workerID, legID }: Message<'Route'>): Action[] {
  const leg = member.calls.leg(legID);
  if (leg?.callID !== callID) return dropped();
  const to = { workerID, attempt };
  return leg.routeTo(to).map((candidate) => toWorker(leg, to, candidate));
}

/** Without its text an answer is obsolete: the call has ended since, and its end is on the way. */
function answer(member: Member, message: Message<'Answer'>, sdpAnswer: string | undefined): Action[] {
  const { callID, legID, n, role } = message;
  const leg = member.calls.leg(legID);
  if (leg?.callID !== callID || sdpAnswer === undefined) return dropped();
  const held = leg.answer();
  if (held === undefined) return dropped();
  member.calls.confirm(callID);
  return [
    ...member.tell({ kind: 'answer', role, callID, legID, n, sdpAnswer }),
    ...held.flatMap((candidate) => member.tell({ kind: 'candidate', callID, legID, candidate })),
  ];
}

function localCandidate(member: Member, { callID, attempt, legID, candidate }: Message<'LocalCandidate'>): Action[] {
  const leg = member.calls.leg(legID);
  if (leg?.callID !== callID) return [{ kind: 'count', what: 'candidate_dropped' }];
  switch (leg.takeLocal({ attempt, candidate })) {
    case 'write':
      return member.tell({ kind: 'candidate', callID, legID, candidate });
    case 'held':
      return [];
    case 'dropped':
      return [{ kind: 'count', what: 'candidate_dropped' }];
  }
}

function ended(member: Member, message: Message<'Ended'>): Action[] {
  const { callID, n, role, answered, reason, endedBy, phase } = message;
  if (member.calls.drop(callID) === undefined) return dropped();
  return member.tell({ kind: 'ended', callID, n, role, answered, reason, endedBy, phase });
}
