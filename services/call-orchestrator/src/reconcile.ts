/**
 * What to do when the store forgot commits of a partition (an asynchronous failover): every gateway and worker is asked to say
 * again what it has of it. The newest thing that is known wins over the log, for people see and hear it.
 */
import { Sender, type Beat, type Liveness, type SenderOptions } from '@switchboard/event-log';
import type { GatewayMessage, WorkerMessage } from '@switchboard/protocol';

const KINDS: readonly string[] = ['gateway', 'worker'];

export interface ReconcilerParts extends Pick<SenderOptions, 'store' | 'clock' | 'log'> {
  readonly liveness: Pick<Liveness, 'beats'>;
  readonly processID: string;
}

export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #sender: Sender;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    this.#sender = new Sender({ ...parts, src: parts.processID });
  }

  /** Asks all that are not known to be dead. Never throws: whoever cannot be asked is told to the log. */
  ask(partition: number): void {
    const body = JSON.stringify({ type: 'Reconcile', partition } satisfies GatewayMessage & WorkerMessage);
    for (const { id } of this.#witnesses()) {
      this.#sender.send({ kind: 'process', id }, { body }).catch((error: unknown) => {
        this.#parts.log?.error(
          { partition, process: id, error: String(error) },
          'a process could not be asked to reconcile',
        );
      });
    }
  }

  close(): void {
    this.#sender.close();
  }

  #witnesses(): Beat[] {
    const { liveness } = this.#parts;
    return liveness.beats().filter(({ kind }) => KINDS.includes(kind));
  }
}
