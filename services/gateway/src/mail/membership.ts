/**
 * This gateway as a member of the cluster: it beats, and reads its own mailbox.
 *
 * A process that is frozen or cut off for too long is buried: its sessions are given up, and nothing that it says is taken.
 * So after a silence that others may have taken for death it asks the partitions themselves, for a while, since a burial may
 * be on its way. An outage of Redis is such a silence too, and then all of them say that it lives.
 */
import { Beater, MailReader, sleep, type Clock, type IncomingMail, type LogStore } from '@switchboard/event-log';
import type { GatewayID, GatewayInfo } from '@switchboard/protocol';
import type { Logger, ReadyCheck } from '@switchboard/service-kit';

export interface MembershipOptions {
  readonly store: LogStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly gatewayID: GatewayID;
  readonly partitions: number;
  readonly sessions: () => number;
  readonly handle: (mails: readonly IncomingMail[]) => Promise<void>;
  /** A partition has declared this gateway dead. */
  readonly onGone: () => void;
}

/** Three beats missed: as long as it takes until others take a gateway for dead. */
const STALE_MS = 3000;
const DOUBT_MS = 5000;
const FIRST_BEAT_RETRY_MS = 200;

export class Membership {
  readonly #options: MembershipOptions;
  readonly #reader: MailReader;
  readonly #beater: Beater;
  #lastBeat: number | undefined;
  #doubtUntil = -Infinity;

  constructor(options: MembershipOptions) {
    const { store, clock, logger: log, gatewayID, sessions, handle } = options;
    this.#options = options;
    this.#reader = new MailReader({ store, process: gatewayID, clock, log, handle });
    const info = () => JSON.stringify({ gatewayID, sessions: sessions() } satisfies GatewayInfo);
    const onBeat = (silentMs: number) => this.#beaten(silentMs);
    this.#beater = new Beater({ store, clock, id: gatewayID, kind: 'gateway', info, onBeat, log });
  }

  /** Ready while the beats get through: then Redis is reached and others know of us. */
  readonly ready: ReadyCheck = () => {
    const fresh = this.#lastBeat !== undefined && this.#options.clock.monotonic() - this.#lastBeat < STALE_MS;
    return fresh || 'Redis is not reached';
  };

  /** Resolves when this gateway stands in the registry. */
  async join(signal: AbortSignal): Promise<void> {
    this.#reader.start();
    await this.#beater.start();
    while (this.ready() !== true && !signal.aborted) await sleep(this.#options.clock, FIRST_BEAT_RETRY_MS, signal);
  }

  async leave(): Promise<void> {
    await this.#reader.stop();
    await this.#beater.stop();
  }

  #beaten(silentMs: number): void {
    this.#lastBeat = this.#options.clock.monotonic();
    if (silentMs >= STALE_MS) this.#doubtUntil = this.#lastBeat + DOUBT_MS;
    if (this.#lastBeat < this.#doubtUntil) void this.#askWhetherDead();
  }

  /** By appending nothing: that tells the dead from the living, and changes nothing. A partition that cannot answer is asked again. */
  async #askWhetherDead(): Promise<void> {
    const { store, gatewayID, partitions, onGone } = this.#options;
    const asked = Array.from({ length: partitions }, (_, partition) =>
      store.append({ kind: 'partition', partition }, gatewayID, []).catch(() => undefined),
    );
    if ((await Promise.all(asked)).some((answer) => answer?.kind === 'gone')) onGone();
  }
}
