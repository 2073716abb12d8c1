/** What the legs say, and to whom. Never throws, and nobody need wait: delivery is the business of whoever implements it. */
import type { CallCommand, CallID, GatewayID, GatewayMessage } from '@switchboard/protocol';

type Of<T extends CallCommand['type']> = Extract<CallCommand, { type: T }>;
type WorkerReport = Of<'LegAnswered' | 'LegConnected' | 'MediaFailed' | 'AttemptReleased'>;
export type FailureCause = Of<'MediaFailed'>['cause'];
/** A report without what is the same in all reports of an attempt. */
export type Report = {
  [T in WorkerReport['type']]: Omit<Of<T>, 'callID' | 'attempt' | 'workerID'>;
}[WorkerReport['type']];
type LocalCandidate = Extract<GatewayMessage, { type: 'LocalCandidate' }>;

export interface AttemptName {
  readonly callID: CallID;
  readonly attempt: number;
}

export interface Outbox {
  /**
   * Resolves when the report is in the partition's inbox, or was given up. Never rejects.
   * @param blobs texts by reference, beside the report
   */
  toCall(name: AttemptName, report: Report, blobs?: Readonly<Record<string, string>>): Promise<void>;
  toGateway(gateway: GatewayID, message: LocalCandidate): void;
}

export function attemptKey({ callID, attempt }: AttemptName): string {
  return `${callID}/${String(attempt)}`;
}
