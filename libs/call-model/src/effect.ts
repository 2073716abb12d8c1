/** What follows from an event: messages, in the shape that the log dispatches. */
import {
  partitionOfCall,
  partitionOfUser,
  type CallCommand,
  type CallID,
  type Command,
  type Device,
  type GatewayMessage,
  type LineCommand,
  type PushMessage,
  type WorkerID,
  type WorkerMessage,
} from '@switchboard/protocol';

export type ProcessMessage = GatewayMessage | WorkerMessage | PushMessage;

/** Which worker takes this attempt? Only the shell knows who has room; it answers with `WorkerChosen`. */
export interface Question {
  readonly type: 'ChooseWorker';
  readonly callID: CallID;
  readonly attempt: number;
  readonly exclude: readonly WorkerID[];
}

export type Effect =
  | {
      readonly to: 'partition';
      readonly partition: number;
      readonly command: Command;
      readonly refs: readonly string[];
    }
  | { readonly to: 'process'; readonly id: string; readonly message: ProcessMessage; readonly refs: readonly string[] }
  | { readonly to: 'shell'; readonly question: Question };

type Untargeted<M> = M extends { session: unknown; connection: unknown } ? Omit<M, 'session' | 'connection'> : never;
export type DeviceMessage = Untargeted<GatewayMessage>;

export const toLine = (command: LineCommand, partitions: number): Effect => ({
  to: 'partition',
  partition: partitionOfUser(command.userID, partitions),
  command,
  refs: [],
});

export const toCall = (command: CallCommand, refs: readonly string[] = []): Effect => ({
  to: 'partition',
  partition: partitionOfCall(command.callID),
  command,
  refs,
});

/** To a process itself, and to none of its devices. */
export const toProcess = (id: string, message: ProcessMessage, refs: readonly string[] = []): Effect => ({
  to: 'process',
  id,
  message,
  refs,
});

export const toDevice = ({ gateway, session, connection }: Device, message: DeviceMessage, refs?: readonly string[]) =>
  toProcess(gateway, { ...message, session, connection }, refs);

export const toWorker = (id: WorkerID, message: WorkerMessage, refs?: readonly string[]): Effect =>
  toProcess(id, message, refs);
