/** An orchestrator: the real domain and the real owner loop, on the process's own way to the log. */
import type { Policy } from '@switchboard/call-model';
import { createDomain, Placement } from '@switchboard/call-orchestrator';
import { Liveness, startOrchestration, type Logger, type LogStore, type Orchestration } from '@switchboard/event-log';
import type { LogRecord } from '../engine/log-record.ts';
import type { SimProcess } from '../engine/process.ts';
import { deadAfterMs } from './liveness.ts';

export interface OrchestratorParts {
  readonly process: SimProcess;
  readonly store: LogStore;
  readonly record: LogRecord;
  readonly partitions: number;
  readonly policy: Policy;
  readonly fail: (invariant: string, what: string) => void;
}

const retryMs = 300;

export class Orchestrator {
  readonly #parts: OrchestratorParts;
  #running: Orchestration | undefined;

  constructor(parts: OrchestratorParts) {
    this.#parts = parts;
    void this.#start();
  }

  get process(): SimProcess {
    return this.#parts.process;
  }

  /** Hands over in order; `done` when that is over. */
  stop(done: () => void): void {
    if (this.#running === undefined) done();
    else void this.#running.stop().then(done);
  }

  async #start(): Promise<void> {
    const { process, store, partitions, policy, fail } = this.#parts;
    const { clock, random, name: processID } = process;
    const liveness = new Liveness({ store, clock, periodMs: 500, deadAfterMs });
    const workers = () =>
      liveness.beats().filter(({ id, kind }) => kind === 'worker' && liveness.status(id) === 'alive');
    const domain = this.#recorded(createDomain({ partitions, policy, placement: new Placement(workers) }));
    const observer = {
      skipped: ({ why }: { why: string }) => {
        fail('a command is skipped', `${processID}: ${why}`);
      },
    };
    const options = { store, partitions, domain, processID, clock, random, liveness, observer, log: this.#log() };
    liveness.start();
    try {
      this.#running = await startOrchestration(options);
    } catch {
      liveness.stop();
      clock.timer(retryMs, () => void this.#start());
    }
  }

  #recorded<D extends { parse(body: string): unknown }>(domain: D): D {
    const { record, process } = this.#parts;
    return {
      ...domain,
      parse: (body: string) => {
        record.applied.parsed(process.name, body);
        return domain.parse(body);
      },
    };
  }

  /** What the log calls an error is one here. */
  #log(): Logger {
    const { process, fail } = this.#parts;
    return {
      info: () => undefined,
      warn: () => undefined,
      error: (fields, message) => {
        fail(`an error is logged: ${message}`, `${process.name} ${JSON.stringify(fields)}`);
      },
    };
  }
}
