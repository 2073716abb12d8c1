/** The shell of presence: asks Lines once for all sessions of this gateway, and hands round what they say. */
import { partitionOfUser, type GatewayID, type Presence, type UserID } from '@switchboard/protocol';
import type { Logger } from '@switchboard/service-kit';
import type { OnFailure } from '../mail/outbox.ts';
import type { CommandAction } from '../session/actions.ts';
import { Watchlists, type Known } from './watchlists.ts';

/** A session that watches. */
export interface Watcher {
  presence(userID: UserID, state: Presence): void;
}

export interface PresenceDeskOptions {
  readonly gateway: GatewayID;
  readonly partitions: number;
  readonly outbox: { command(action: CommandAction, onFailure: OnFailure): void };
  readonly logger: Pick<Logger, 'warn'>;
}

export class PresenceDesk {
  readonly #options: PresenceDeskOptions;
  readonly #lists = new Watchlists<Watcher>();

  constructor(options: PresenceDeskOptions) {
    this.#options = options;
  }

  /** False, and nothing changes, if one of these users is watched by too many. What is known of them is told at once. */
  watch(watcher: Watcher, userIDs: readonly UserID[]): boolean {
    const changes = this.#lists.replace(watcher, userIDs);
    if (changes === undefined) return false;
    for (const userID of changes.unwatch) this.#say('Unwatch', userID);
    for (const userID of changes.watch) this.#say('Watch', userID);
    for (const { userID, state } of changes.known) watcher.presence(userID, state);
    return true;
  }

  /** The session is gone. */
  leave(watcher: Watcher): void {
    this.watch(watcher, []);
  }

  /** Whom this desk watches: each says so again if his Line is in a partition that lost its last writes. */
  watches(): { reconcile(partition: number): boolean }[] {
    return this.#lists.users().map((userID) => ({
      reconcile: (partition) => {
        const isHere = partitionOfUser(userID, this.#options.partitions) === partition;
        if (isHere) this.#say('Watch', userID);
        return isHere;
      },
    }));
  }

  /** A Line has spoken; false if nobody watches that user. */
  spread(news: Known): boolean {
    const watchers = this.#lists.heard(news);
    for (const watcher of watchers ?? []) watcher.presence(news.userID, news.state);
    return watchers !== undefined;
  }

  #say(type: 'Watch' | 'Unwatch', userID: UserID): void {
    const { gateway, outbox, logger } = this.#options;
    outbox.command({ kind: 'command', command: { type, userID, gateway } }, (_command, how) => {
      logger.warn({ command: type, how }, 'the log did not take a watch in time');
    });
  }
}
