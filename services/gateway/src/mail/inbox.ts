/**
 * The gateway's own mailbox: each message goes to the session that it names, presence to all that watch. Never rejects: one
 * bad message stops no other.
 */
import type { IncomingMail } from '@switchboard/event-log';
import { gatewayMessage, type GatewayMessage, type SessionID } from '@switchboard/protocol';
import type { Logger } from '@switchboard/service-kit';
import type { SessionMessage } from '../session/actions.ts';

interface Recipient {
  mail(message: SessionMessage, blobs: Readonly<Record<string, string>>): void;
}

export interface InboxOptions {
  readonly find: (session: SessionID) => Recipient | undefined;
  /** The log lost the last writes of a partition. */
  readonly reconcile: (partition: number) => void;
  /** Takes what is said of a user to those who watch him; false if nobody does. */
  readonly spread: (news: Extract<GatewayMessage, { type: 'PresenceIs' }>) => boolean;
  /** A message for nobody, or that nobody can read. */
  readonly onDropped: () => void;
  readonly logger: Logger;
}

export function inboxHandler(options: InboxOptions) {
  const { onDropped, logger } = options;
  const deliver = (mail: IncomingMail): void => {
    const message = parse(mail.body);
    if (message === undefined) logger.warn({ src: mail.src }, 'a message that nobody can read');
    if (message === undefined || !delivered(message, mail, options)) onDropped();
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

/** False if there is nobody to deliver it to. */
function delivered(message: GatewayMessage, { blobs }: IncomingMail, options: InboxOptions): boolean {
  const { find, spread, reconcile } = options;
  if (message.type === 'PresenceIs') return spread(message);
  if (message.type === 'Reconcile') {
    reconcile(message.partition);
    return true;
  }
  const recipient = find(message.session);
  recipient?.mail(message, blobs ?? {});
  return recipient !== undefined;
}

function parse(body: string): GatewayMessage | undefined {
  try {
    return gatewayMessage.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
