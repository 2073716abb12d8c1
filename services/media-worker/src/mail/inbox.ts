/** The worker's own mailbox: what is in it is checked, then handed to the table. */
import type { Hold, IncomingMail, Logger } from '@switchboard/event-log';
import { workerMessage, type WorkerMessage } from '@switchboard/protocol';

export interface InboxOptions {
  /** Resolves when nothing of the message would be lost with this process any more. */
  readonly handle: (message: WorkerMessage, blobs: Readonly<Record<string, string>>) => Promise<void>;
  readonly onUnreadable: () => void;
  readonly log: Logger;
}

/** A handler for a `MailReader`. It does not wait for the media server, as messages of other calls are behind: it holds. */
export function createInbox({ handle, onUnreadable, log }: InboxOptions) {
  return (mails: readonly IncomingMail[], hold: Hold): Promise<void> => {
    for (const mail of mails) {
      const message = parse(mail.body);
      if (message !== undefined) hold(mail, handle(message, mail.blobs ?? {}));
      else {
        onUnreadable();
        log.warn({ src: mail.src }, 'a message that is none');
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
