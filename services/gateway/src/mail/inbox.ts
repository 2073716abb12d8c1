/** The gateway's own mailbox: each message goes to the session that it names. Never rejects: one bad message stops no other. */
import type { IncomingMail } from '@switchboard/event-log';
import { gatewayMessage, type GatewayMessage, type SessionID } from '@switchboard/protocol';
import type { Logger } from '@switchboard/service-kit';

interface Recipient {
  mail(message: GatewayMessage, blobs: Readonly<Record<string, string>>): void;
}

export interface InboxOptions {
  readonly find: (session: SessionID) => Recipient | undefined;
  /** A message for nobody, or that nobody can read. */
  readonly onDropped: () => void;
  readonly logger: Logger;
}

export function inboxHandler({ find, onDropped, logger }: InboxOptions) {
  const deliver = ({ body, blobs, src }: IncomingMail): void => {
    const message = parse(body);
    if (message === undefined) logger.warn({ src }, 'a message that nobody can read');
    const recipient = message === undefined ? undefined : find(message.session);
    if (message === undefined || recipient === undefined) onDropped();
    else recipient.mail(message, blobs ?? {});
  };
  return (mails: readonly IncomingMail[]): Promise<void> => {
    for (const mail of mails) {
      try {
        deliver(mail);
      } catch (err) {
        logger.error({ err, src: mail.src }, 'a message was not delivered');
      }
    }
    return Promise.resolve();
  };
}

function parse(body: string): GatewayMessage | undefined {
  try {
    return gatewayMessage.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
