/** Reports and candidates, put into mailboxes. */
import type { Logger, LogError, Sender } from '@switchboard/event-log';
import { partitionOfCall, type CallCommand, type WorkerID } from '@switchboard/protocol';
import type { Outbox } from '../legs/outbox.ts';

/** A candidate that its gateway did not take by then is of no use to anybody. */
const CANDIDATE_MS = 10_000;

export interface OutboxOptions {
  readonly sender: Pick<Sender, 'send'>;
  readonly workerID: WorkerID;
  readonly log: Logger;
}

export function createOutbox({ sender, workerID, log }: OutboxOptions): Outbox {
  const lost = (type: string) => (error: LogError) => {
    log.warn({ message: type, code: error.code }, 'a message was not taken');
  };
  return {
    toCall: (name, report, blobs) => {
      const command = { ...report, ...name, workerID } as CallCommand;
      const to = { kind: 'partition', partition: partitionOfCall(name.callID) } as const;
      const mail = { body: JSON.stringify(command), ...(blobs === undefined ? {} : { blobs }) };
      return sender.send(to, mail).catch(lost(command.type));
    },
    toGateway: (gateway, message) => {
      const mail = { body: JSON.stringify(message) };
      sender.send({ kind: 'process', id: gateway }, mail, { expiresMs: CANDIDATE_MS }).catch(lost(message.type));
    },
  };
}
