/** A process's way to the log: each operation passes the process's gate before and after, and the record sees what the store did. */
import type { Cursors, IncomingMail, LogStore, MemoryStore, Waiter } from '@switchboard/event-log';
import type { LogRecord } from './log-record.ts';
import type { SimProcess } from './process.ts';

type Operation = Exclude<keyof LogStore, 'waiter' | 'onReturn' | 'close'>;

export function gatedStore(inner: MemoryStore, process: SimProcess, record: LogRecord): LogStore {
  const gated = <O extends Operation>(operation: O) => {
    const ask = inner[operation].bind(inner) as (...args: Parameters<LogStore[O]>) => ReturnType<LogStore[O]>;
    return async (...args: Parameters<LogStore[O]>) => {
      await process.before(operation);
      const result = await ask(...args);
      const seen = record.saw(process.name, operation, args, result);
      await process.after(operation);
      return seen;
    };
  };
  const operations: Operation[] = [
    ...(['open', 'now', 'append', 'read', 'settle', 'take', 'renew', 'release', 'holder', 'commit', 'load'] as const),
    ...(['blobs', 'due', 'watchers', 'events', 'trim', 'aggregates', 'beat', 'beats', 'forget'] as const),
  ];
  const store = Object.fromEntries(operations.map((operation) => [operation, gated(operation)]));
  return {
    ...(store as unknown as Pick<LogStore, Operation>),
    onReturn: () => () => undefined,
    waiter: () => gatedWaiter(inner.waiter(), process, record),
    close: () => Promise.resolve(),
  };
}

function gatedWaiter(inner: Waiter, process: SimProcess, record: LogRecord): Waiter {
  return {
    wait: async (cursors: Cursors, blockMs: number) => {
      await process.before('wait');
      const found = await inner.wait(cursors, blockMs);
      await process.after('wait');
      return new Map(
        [...found].map(([key, mails]): [string, readonly IncomingMail[]] => [key, record.marked(key, mails)]),
      );
    },
    wake: () => {
      inner.wake();
    },
    close: () => inner.close(),
  };
}
