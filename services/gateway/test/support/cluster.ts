/** A gateway on a log in memory, with a scripted orchestrator: it reads what is sent to partitions and says what it is told to. */
import {
  MemoryServer,
  MemoryStore,
  Sender,
  systemClock,
  type Faults,
  type IncomingMail,
  type LogStore,
} from '@switchboard/event-log';
import type { Command, GatewayID, GatewayMessage, WorkerMessage } from '@switchboard/protocol';
import { createMetrics, loadConfig, Shutdown, silentLogger } from '@switchboard/service-kit';
import { eventually } from '@switchboard/testkit';
import { gatewayConfig, startGateway, type Gateway } from '../../src/index.ts';

export const PARTITIONS = 4;
type Blobs = Readonly<Record<string, string>>;

export class FakeOrchestrator {
  /** Commands that no test took yet. */
  readonly #commands: Command[] = [];
  readonly #blobs = new WeakMap<Command, Blobs>();
  readonly #store: LogStore;
  readonly #sender: Sender;
  readonly #cursors = new Map<number, string>();

  constructor(store: LogStore) {
    this.#store = store;
    this.#sender = new Sender({ store, src: 'p0-fake', clock: systemClock });
  }

  async send(to: GatewayID, message: GatewayMessage, blobs: Blobs = {}): Promise<void> {
    await this.#sender.send({ kind: 'process', id: to }, { body: JSON.stringify(message), blobs });
  }

  /** Waits for a command of this type that meets `match`, and takes it. */
  command<T extends Command['type']>(
    type: T,
    match: Partial<Record<string, unknown>> = {},
  ): Promise<Extract<Command, { type: T }>> {
    return eventually(`${type} ${JSON.stringify(match)}`, async () => {
      await this.#read();
      const at = this.#commands.findIndex((command) => command.type === type && includes(command, match));
      if (at < 0) throw new Error(`there are only ${JSON.stringify(this.#commands)}`);
      return this.#commands.splice(at, 1)[0] as Extract<Command, { type: T }>;
    });
  }

  /** Commands that were sent and that no test took. */
  async left(type: Command['type']): Promise<readonly Command[]> {
    await this.#read();
    return this.#commands.filter((command) => command.type === type);
  }

  blobsOf(command: Command): Blobs {
    return this.#blobs.get(command) ?? {};
  }

  /** Declares a process dead in every partition. */
  async bury(process: string): Promise<void> {
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const head = await this.#store.take(partition, 'fake', 10_000);
      if (!head) throw new Error('it has another owner');
      const { epoch, commit: previous, now: at, inboxCursor, dispatched } = head;
      const nothing = { events: [], changes: [], putBlobs: {}, holdBlobs: {}, chains: {}, sent: {} };
      const position = { token: 'fake', epoch, previous, leaseMs: 10_000, at, inboxCursor, dispatched };
      await this.#store.commit(partition, { ...nothing, ...position, bury: [process] });
    }
  }

  /** What was sent to a worker so far. */
  async mailOf(worker: string): Promise<WorkerMessage[]> {
    const mails = await this.#store.read({ kind: 'process', id: worker }, '0', 1000);
    return mails.map(({ body }) => JSON.parse(body) as WorkerMessage);
  }

  close(): void {
    this.#sender.close();
  }

  async #read(): Promise<void> {
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const cursor = this.#cursors.get(partition) ?? '0';
      const mails: readonly IncomingMail[] = await this.#store.read({ kind: 'partition', partition }, cursor, 1000);
      for (const { body, blobs = {}, id } of mails) {
        const command = JSON.parse(body) as Command;
        this.#commands.push(command);
        this.#blobs.set(command, blobs);
        this.#cursors.set(partition, id);
      }
    }
  }
}

export interface TestGateway extends Gateway {
  readonly orchestrator: FakeOrchestrator;
  /** Faults between the gateway and its log. */
  readonly faults: Faults;
  readonly failures: unknown[];
  stop(): Promise<{ failed: string[] }>;
  metrics(): Promise<string>;
}

export interface TestOptions {
  readonly env?: Record<string, string>;
  /** Undefined: in memory. */
  readonly store?: LogStore;
}

export async function testGateway({ env = {}, store: given }: TestOptions = {}): Promise<TestGateway> {
  const faults: Faults = {};
  const server = new MemoryServer({ clock: systemClock });
  const store = given ?? new MemoryStore(server, faults);
  await store.open(PARTITIONS);
  const orchestrator = new FakeOrchestrator(given ?? new MemoryStore(server));
  const shutdown = new Shutdown(silentLogger());
  const failures: unknown[] = [];
  const defaults = {
    AUTH: 'open',
    PLAIN_HTTP: 'true',
    PORT: '0',
    PARTITIONS: String(PARTITIONS),
    RECONNECT_WINDOW_MS: '0',
  };
  const stopping = new AbortController();
  const gateway = await startGateway({
    ...{ store, shutdown, clock: systemClock, registry: createMetrics(), logger: silentLogger() },
    config: loadConfig(gatewayConfig, { env: { ...defaults, ...env }, argv: [] }),
    signal: stopping.signal,
    fail: (error) => failures.push(error),
  });
  return {
    ...gateway,
    ...{ orchestrator, faults, failures },
    stop: async () => {
      stopping.abort();
      const report = await shutdown.run('the test is over');
      orchestrator.close();
      return report;
    },
    metrics: async () => (await fetch(`http://127.0.0.1:${String(gateway.healthPort)}/metrics`)).text(),
  };
}

function includes(value: object, match: Partial<Record<string, unknown>>): boolean {
  return Object.entries(match).every(([key, wanted]) => (value as Record<string, unknown>)[key] === wanted);
}
