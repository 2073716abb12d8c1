/** This gateway as a member of the cluster: it beats, and reads its own mailbox. */
import { Beater, MailReader, sleep, type Clock, type IncomingMail, type LogStore } from '@switchboard/event-log';
import type { GatewayID, GatewayInfo } from '@switchboard/protocol';
import type { Logger, ReadyCheck } from '@switchboard/service-kit';

export interface MembershipOptions {
  readonly store: LogStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly gatewayID: GatewayID;
  readonly sessions: () => number;
  readonly handle: (mails: readonly IncomingMail[]) => Promise<void>;
}

/** Three beats missed: as long as it takes until others begin to doubt. */
const STALE_MS = 3000;
const FIRST_BEAT_RETRY_MS = 200;

export class Membership {
  readonly #clock: Clock;
  readonly #reader: MailReader;
  readonly #beater: Beater;
  #lastBeat: number | undefined;

  constructor({ store, clock, logger: log, gatewayID, sessions, handle }: MembershipOptions) {
    this.#clock = clock;
    this.#reader = new MailReader({ store, process: gatewayID, clock, log, handle });
    const watched: Pick<LogStore, 'beat' | 'forget'> = {
      beat: async (beat) => {
        await store.beat(beat);
        this.#lastBeat = clock.monotonic();
      },
      forget: (process) => store.forget(process),
    };
    const info = () => JSON.stringify({ gatewayID, sessions: sessions() } satisfies GatewayInfo);
    this.#beater = new Beater({ store: watched, clock, id: gatewayID, kind: 'gateway', info, log });
  }

  /** Ready while the beats get through: then Redis is reached and others know of us. */
  readonly ready: ReadyCheck = () => {
    const fresh = this.#lastBeat !== undefined && this.#clock.monotonic() - this.#lastBeat < STALE_MS;
    return fresh || 'Redis is not reached';
  };

  /** Resolves when this gateway stands in the registry. */
  async join(signal: AbortSignal): Promise<void> {
    this.#reader.start();
    await this.#beater.start();
    while (this.ready() !== true && !signal.aborted) await sleep(this.#clock, FIRST_BEAT_RETRY_MS, signal);
  }

  async leave(): Promise<void> {
    await this.#reader.stop();
    await this.#beater.stop();
  }
}
