/**
 * Every request to the media server goes through here, and ends once: with its answer, with Kurento's error, at its
 * deadline, or because the media server lost everything. kurento-client alone would wait for ever, or resolve `undefined`.
 */
import type { AckPump } from './ack-pump.ts';
import { fromKurento, KurentoError, ownError } from './errors.ts';
import type { Callback } from './library.ts';
import type { CallObserver } from './port.ts';

export interface Question<T> {
  /** For errors and metrics. */
  readonly method: string;
  readonly send: (callback: Callback<unknown>) => void;
  /** Must not return a thenable (kurento-client's objects are). */
  readonly pick: (result: unknown) => T;
  /** The answer came after the deadline: what it made has to go. */
  readonly late?: () => void;
}

export class Requests {
  readonly #deadlineMs: number;
  readonly #pump: AckPump;
  readonly #observe: CallObserver;
  readonly #open = new Set<(error: KurentoError) => void>();

  constructor(deadlineMs: number, pump: AckPump, observe: CallObserver) {
    this.#deadlineMs = deadlineMs;
    this.#pump = pump;
    this.#observe = observe;
  }

  /** @throws KurentoError (as a rejection) */
  ask<T>(question: Question<T>): Promise<T> {
    const { method } = question;
    const startedAt = performance.now();
    return new Promise((resolve, reject) => {
      const end = (code: string) => {
        clearTimeout(timer);
        this.#open.delete(fail);
        this.#pump.end();
        this.#observe({ method, ms: performance.now() - startedAt, code });
      };
      const fail = (error: KurentoError) => {
        if (!this.#open.has(fail)) return;
        end(error.code);
        reject(error);
      };
      const timer = setTimeout(() => fail(ownError('timeout', method)), this.#deadlineMs);
      this.#open.add(fail);
      this.#pump.begin();
      const answered: Callback<unknown> = (error, result) => {
        if (!this.#open.has(fail)) return error ? undefined : question.late?.();
        if (error) return fail(fromKurento(error, method));
        end('ok');
        resolve(question.pick(result));
      };
      try {
        question.send(answered);
      } catch (error) {
        fail(fromKurento(error, method));
      }
    });
  }

  /** Ends whatever is in flight. */
  failAll(code: 'lost' | 'unreachable'): void {
    for (const fail of [...this.#open]) fail(ownError(code, 'request'));
  }
}
