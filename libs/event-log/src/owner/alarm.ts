/**
 * What an owner tells aggregates by itself: that a deadline passed, and that a process died which they watch.
 * Invariant: before it does, everything that was in the inbox by then was applied.
 */
import type { Logger, Observer } from '../observe.ts';
import type { LogStore } from '../port.ts';
import type { AnyDomain } from './any-domain.ts';
import type { Batch, Work } from './batch.ts';
import { noOverrides, type Overrides } from './commit.ts';
import type { Intake } from './intake.ts';
import type { Ledger } from './ledger.ts';
import type { Patience } from './patience.ts';

export interface AlarmParts {
  readonly store: Pick<LogStore, 'due' | 'watchers'>;
  readonly domain: Pick<AnyDomain, 'onDeadline' | 'onLost'>;
  readonly partition: number;
  readonly ledger: Ledger;
  readonly intake: Intake;
  readonly patience: Patience;
  /** True while no deadline may fire, because the store was away. */
  readonly isQuiet: () => boolean;
  readonly log: Logger;
  readonly observer: Observer;
}

const chunk = 128;
const postponeMs = 1000;

export class Alarm {
  readonly #parts: AlarmParts;

  constructor(parts: AlarmParts) {
    this.#parts = parts;
  }

  /** Fires what is due now. It is decided at the moment to which the inbox was read. */
  async fire(): Promise<void> {
    const { store, domain, partition, ledger, intake, patience, isQuiet } = this.#parts;
    const now = ledger.now();
    await intake.drain();
    const keys = await patience.ask(() => store.due(partition, now, chunk));
    if (isQuiet()) return;
    if (keys.length === 0) return ledger.save();
    const works = keys.flatMap((key) => this.#own(key, () => domain.onDeadline(key)));
    await ledger.apply(works, { include: keys, overrides: (batch) => this.#postponed(batch, keys, now), at: now });
  }

  async bury(process: string): Promise<void> {
    const { store, domain, partition, ledger, intake, patience, observer } = this.#parts;
    await ledger.apply([], { bury: [process] });
    await intake.drain();
    for (;;) {
      const keys = await patience.look(() => store.watchers(partition, process, chunk));
      if (keys.length === 0) break;
      const works = keys.flatMap((key) => this.#own(key, () => domain.onLost(key, process)));
      await ledger.apply(works, { include: keys, overrides: (batch) => this.#unwatched(batch, keys, process) });
    }
    observer.buried?.({ partition, process });
  }

  /** A command that the owner itself gives. */
  #own(key: string, command: () => unknown): Work[] {
    try {
      return [{ command: command(), depth: 0 }];
    } catch (error) {
      this.#parts.ledger.skip('poison', { key, error: String(error) });
      return [];
    }
  }

  /** A deadline that its aggregate does not move would fire for ever. */
  #postponed(batch: Batch, keys: readonly string[], now: number): Overrides {
    const { partition, log } = this.#parts;
    const postpone = new Map<string, number>();
    for (const key of keys) {
      const { deadline } = batch.include(key).factsAfter;
      if (deadline === undefined || deadline > now) continue;
      postpone.set(key, now + postponeMs);
      log.error({ partition, key, deadline }, 'a deadline fired and was not moved');
    }
    return { ...noOverrides, postpone };
  }

  /** An aggregate that goes on watching a dead process would be told for ever. */
  #unwatched(batch: Batch, keys: readonly string[], process: string): Overrides {
    const { partition, log } = this.#parts;
    const unwatch = new Map<string, string>();
    for (const key of keys) {
      const { factsBefore, factsAfter } = batch.include(key);
      if (factsBefore.watches.includes(process) && !factsAfter.watches.includes(process)) continue;
      unwatch.set(key, process);
      log.error({ partition, key, process }, 'an aggregate goes on watching a dead process');
    }
    return { ...noOverrides, unwatch };
  }
}
