/**
 * Messages from Lines, Calls and workers to a logged-in session, turned into frames. A message about a call or a leg that
 * is not in the session's table is late: it is dropped.
 */
import { answerRef } from '@switchboard/protocol';
import type { Action, CommandAction, SessionMessage, World } from './actions.ts';
import { roleIn } from './calls.ts';
import { localCandidate, route, toClient } from './candidates.ts';
import { news } from './in-call.ts';
import { dropped, type Member } from './member.ts';
import { attached } from './resume.ts';
import { merged, snapshot } from './snapshot.ts';

type Message<T extends SessionMessage['type']> = Extract<SessionMessage, { type: T }>;
export type Blobs = Readonly<Record<string, string>>;
export type MemberMessage = Exclude<SessionMessage, { type: 'TakenOver' }>;

export interface Letter {
  readonly message: MemberMessage;
  readonly blobs: Blobs;
}

export function fromMail(member: Member, { message, blobs }: Letter, world: World): Action[] {
  switch (message.type) {
    case 'Attached':
      return attached(member, message, world);
    case 'Incoming':
      return incoming(member, message);
    case 'Progress':
      return progress(member, message);
    case 'Route':
      return route(member, message);
    case 'Answer':
      return answer(member, message, blobs[answerRef(message.legID)]);
    case 'Snapshot':
      return snapshot(member, message, message.legID && blobs[answerRef(message.legID)]);
    case 'Merged':
      return merged(member, message, world);
    case 'PeerState':
    case 'PeerMedia':
    case 'Renegotiate':
      return news(member, message);
    case 'Ended':
      return ended(member, message);
    case 'LocalCandidate':
      return localCandidate(member, message);
    default:
      return message satisfies never;
  }
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

/** Without its text an answer is obsolete: the call has ended since, and its end is on the way. */
function answer(member: Member, message: Message<'Answer'>, sdpAnswer: string | undefined): Action[] {
  const { callID, legID, n, renegotiated } = message;
  const leg = member.calls.legs.get(legID);
  if (leg?.callID !== callID || sdpAnswer === undefined) return dropped();
  const held = leg.answer();
  if (held === undefined) return dropped();
  member.calls.confirm(callID);
  const role = roleIn(member.calls.get(callID), message.role);
  return [
    ...member.tell({ kind: 'answer', role, callID, legID, n, sdpAnswer, renegotiated }),
    ...toClient(member, leg, held),
  ];
}

function ended(member: Member, message: Message<'Ended'>): Action[] {
  const { callID, n, answered, reason, endedBy, phase } = message;
  const known = member.calls.drop(callID);
  if (known === undefined) return dropped();
  const role = roleIn(known, message.role);
  return member.tell({ kind: 'ended', callID, n, role, answered, reason, endedBy, phase });
}
