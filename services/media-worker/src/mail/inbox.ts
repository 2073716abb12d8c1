/** The worker's own mailbox: what is in it is checked, then handed to the table. */
import type { IncomingMail, Logger } from '@switchboard/event-log';
import { workerMessage, type WorkerMessage } from '@switchboard/protocol';

export interface InboxOptions {
  readonly handle: (message: WorkerMessage, blobs: Readonly<Record<string, string>>) => void;
  readonly onUnreadable: () => void;
  readonly log: Logger;
}

/** A handler for a `MailReader`. It does not wait for the media server: messages of other calls are behind. */
export function createInbox({ handle, onUnreadable, log }: InboxOptions) {
  return (mails: readonly IncomingMail[]): Promise<void> => {
    for (const { body, blobs, src } of mails) {
      const message = parse(body);
      if (message !== undefined) handle(message, blobs ?? {});
      else {
        onUnreadable();
        log.warn({ src }, 'a message that is none');
      }
    }
    return Promise.resolve();
  };
}

function parse(body: string): WorkerMessage | undefined {
  try {
    return workerMessage.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
