/**
 * A socket becomes a session: a new one at once, an earlier one when its Line has said so.
 * Invariant: a client that asked for an earlier session says nothing to Lines and Calls before it is known which one it has.
 */
import { partitionOfCall, type CallID, type Resume, type SessionID } from '@switchboard/protocol';
import type { Action, SessionMessage, World } from './actions.ts';
import { command, dropped, Member, speaksNative, type Who } from './member.ts';

type Attached = Extract<SessionMessage, { type: 'Attached' }>;

/** Waits for its Line. */
export interface Resuming extends Newcomer {
  readonly kind: 'resuming';
  readonly resume: Resume;
}

/** Whoever logged in on a socket. */
export interface Newcomer {
  readonly who: Who;
  readonly socket: SessionID;
  readonly resume: Resume | undefined;
}

/** A seed client cannot come back: what it writes there means nothing. */
export function resumeOf(who: Who, resume: Resume | undefined): Resume | undefined {
  return speaksNative(who) ? resume : undefined;
}

export function attachCommand({ who, socket, resume }: Newcomer, world: World): Action {
  const { userID, capabilities, deviceID } = who;
  const device = deviceID === undefined ? {} : { deviceID };
  const earlier = resume === undefined ? {} : { resume: resume.sessionID };
  const { gateway } = world;
  return command({
    ...{ type: 'AttachDevice', userID, socket, gateway, capabilities: [...capabilities], ...device, ...earlier },
  });
}

/** The Line knows the session of a socket that may speak already. */
export function attached(member: Member, { as, graceMs, callID }: Attached, { welcome }: World): Action[] {
  if (member.welcomed) return dropped();
  member.welcomed = true;
  return member.tell({ kind: 'loggedIn', sessionID: as, graceMs, callID, welcome });
}

/** The Line has said which session this is: its calls are asked how they are. */
export function resumed({ who, socket, resume }: Resuming, message: Attached, world: World): [Member, Action[]] {
  const member = new Member(who, socket, { session: message.as, connection: message.connection });
  const alive = message.callID === undefined ? [] : [message.callID];
  // A client may write any callID, and a partition that does not exist has nobody who reads its mail.
  const named = resume.calls.filter((callID) => partitionOfCall(callID) < world.partitions);
  const calls = [...new Set([...alive, ...named])];
  const asked = calls.map((callID) => ask(member, { callID, fresh: resume.fresh }, world));
  return [member, [...attached(member, message, world), ...asked]];
}

/** Asks the Call itself whether this device is in it: it answers with a snapshot, or with its end. */
export function ask(member: Member, { callID, fresh }: { callID: CallID; fresh: boolean }, world: World): Action {
  member.calls.ask(callID);
  const device = member.device(world.gateway);
  return command({ type: 'PartyHere', callID, userID: member.userID, device, fresh });
}
