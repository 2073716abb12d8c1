/** What is going to happen to a process at one of its next operations on the store, and for how long its way there is closed. */

/** `refused`: nothing happened. `reply lost`: it happened, and nobody heard. The others are before or after the store did it. */
export type HazardKind = 'refused' | 'reply lost' | 'crash before' | 'crash after' | 'freeze before' | 'freeze after';

export const hazardsBefore: readonly HazardKind[] = ['refused', 'crash before', 'freeze before'];
export const hazardsAfter: readonly HazardKind[] = ['reply lost', 'crash after', 'freeze after'];

export interface Hazard {
  readonly kind: HazardKind;
  /** Undefined: whichever comes next. */
  readonly operation: string | undefined;
  /** How long a freeze lasts. */
  readonly ms: number;
  readonly onCrash: () => void;
}

/** Those of one place in the cluster: they wait for whoever runs there. */
export class Hazards {
  #waiting: Hazard[] = [];

  add(hazard: Hazard): void {
    this.#waiting.push(hazard);
  }

  clear(): void {
    this.#waiting = [];
  }

  take(operation: string, kinds: readonly HazardKind[]): Hazard | undefined {
    if (this.#waiting.length === 0) return undefined;
    const index = this.#waiting.findIndex(
      (each) => kinds.includes(each.kind) && (each.operation ?? operation) === operation,
    );
    return index < 0 ? undefined : this.#waiting.splice(index, 1)[0];
  }
}
