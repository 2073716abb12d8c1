/**
 * The messages of commits on their way. Invariant: `dispatched` is a commit up to which every message was acknowledged;
 * each message holds its blobs from its commit on until a later commit says that it was dispatched.
 */
import { LogError } from '../errors.ts';
import type { Logger } from '../observe.ts';
import type { Address, Mail, Seq } from '../port.ts';
import type { Sender } from '../sender/sender.ts';

/** A message with its place in its target's chain. */
export interface Departure {
  readonly to: Address;
  readonly mail: Mail;
  readonly seq: Seq;
  readonly prev: Seq | undefined;
}

interface Pending {
  readonly commit: number;
  readonly refs: readonly string[];
  readonly messages: boolean;
  open: number;
}

export interface OutboxParts {
  readonly sender: Sender;
  readonly log: Logger;
  /** Everything up to here was dispatched before. */
  readonly dispatched: number;
  readonly onProgress: () => void;
}

export class Outbox {
  readonly #parts: OutboxParts;
  readonly #pending: Pending[] = [];
  #dispatched: number;
  /** Commits with messages that are dispatched but not yet committed as such. */
  #unsaved = false;
  #releases: string[] = [];
  #open = 0;
  #idle: (() => void)[] = [];

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#dispatched = parts.dispatched;
  }

  get dispatched(): number {
    return this.#dispatched;
  }

  /** True if a commit should save how far the messages are. */
  get unsaved(): boolean {
    return this.#unsaved;
  }

  /** Messages that are not acknowledged. */
  get open(): number {
    return this.#open;
  }

  /** For the commit that saves `dispatched`: what the messages held. Not to be asked twice for one commit. */
  takeReleases(): string[] {
    this.#unsaved = false;
    return this.#releases.splice(0);
  }

  /** Commits come in order; one without messages too. `refs`: what its messages hold, one entry per message and blob. */
  depart(commit: number, departures: readonly Departure[], refs: readonly string[]): void {
    const pending = { commit, refs, messages: departures.length > 0, open: departures.length };
    this.#pending.push(pending);
    this.#open += departures.length;
    for (const departure of departures) void this.#send(departure, pending);
    if (departures.length === 0) this.#advance();
  }

  /** Resolves when nothing is on its way. */
  idle(): Promise<void> {
    return this.#open === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  async #send({ to, mail, seq, prev }: Departure, pending: Pending): Promise<void> {
    try {
      await this.#parts.sender.send(to, mail, { stamp: { seq, prev } });
    } catch (error) {
      if (error instanceof LogError && error.code === 'closed') return;
      this.#parts.log.error({ to, seq, error: String(error) }, 'a message of a commit was refused for good');
    }
    pending.open -= 1;
    this.#open -= 1;
    this.#advance();
  }

  #advance(): void {
    for (let next = this.#pending[0]; next?.open === 0; next = this.#pending[0]) {
      this.#pending.shift();
      this.#dispatched = next.commit;
      this.#releases.push(...next.refs);
      this.#unsaved ||= next.messages;
    }
    this.#parts.onProgress();
    if (this.#open === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}
