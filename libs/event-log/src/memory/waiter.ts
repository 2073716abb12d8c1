/** Waits for mail of a `MemoryServer`. */
import type { Cursors, IncomingMail, Waiter } from '../port.ts';
import type { MemoryServer } from './server.ts';

const batchSize = 256;

export class MemoryWaiter implements Waiter {
  readonly #server: MemoryServer;
  readonly #enter: () => Promise<void>;
  #woken = false;
  #end: (() => void) | undefined;

  /** `enter` stands for the way to the server: it may delay or reject. */
  constructor(server: MemoryServer, enter: () => Promise<void>) {
    this.#server = server;
    this.#enter = enter;
  }

  async wait(cursors: Cursors, blockMs: number): Promise<ReadonlyMap<string, readonly IncomingMail[]>> {
    await this.#enter();
    const found = this.#read(cursors);
    if (found.size > 0 || this.#woken) {
      this.#woken = false;
      return found;
    }
    await this.#block(cursors, blockMs);
    this.#woken = false;
    return this.#read(cursors);
  }

  wake(): void {
    this.#woken = true;
    this.#end?.();
  }

  close(): Promise<void> {
    this.wake();
    return Promise.resolve();
  }

  #block(cursors: Cursors, blockMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        stopListening();
        cancel();
        this.#end = undefined;
        resolve();
      };
      const stopListening = this.#server.onMail((key) => {
        if (cursors.has(key)) end();
      });
      const cancel = this.#server.clock.timer(blockMs, end);
      this.#end = end;
    });
  }

  #read(cursors: Cursors): Map<string, readonly IncomingMail[]> {
    const found = new Map<string, readonly IncomingMail[]>();
    for (const [key, { from, cursor }] of cursors) {
      const mails = this.#server.mailbox(from)?.read(cursor, batchSize) ?? [];
      if (mails.length > 0) found.set(key, mails);
    }
    return found;
  }
}
