/**
 * The log lost the last writes of a partition: what this session has there is said again, and its calls are asked how they
 * are. Whatever the log does not know any more it answers with an end.
 */
import { partitionOfCall, partitionOfUser } from '@switchboard/protocol';
import type { Action, World } from './actions.ts';
import { command, stopCommand, type Member } from './member.ts';
import { ask } from './resume.ts';

export function reconcile(member: Member, partition: number, world: World): Action[] {
  const { userID, socket, calls } = member;
  const isHere = partitionOfUser(userID, world.partitions) === partition;
  const device = member.device(world.gateway);
  const lost = calls.all().filter(({ callID }) => partitionOfCall(callID) === partition);
  return [
    ...(isHere ? [command({ type: 'DeviceHere', userID, socket, device })] : []),
    ...lost.map(({ kind, callID }) =>
      kind === 'stopped' ? stopCommand(member, callID) : ask(member, { callID, fresh: false }, world),
    ),
  ];
}
