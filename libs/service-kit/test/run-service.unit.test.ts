import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { type ProcessHost, runService, type ServiceContext } from '../src/index.ts';

const schema = z.object({ PORT: z.coerce.number().default(1), NEEDED: z.string().meta({ example: 'x' }) });
type Context = ServiceContext<z.output<typeof schema>>;

/** A stand-in for `process` that notes what is printed and how it exits. */
class FakeProcess extends EventEmitter implements ProcessHost {
  readonly argv: string[] = [];
  readonly exits: number[] = [];
  readonly exited: Promise<number>;
  errors = '';
  out = '';
  closeInput = (): void => undefined;
  #resolve: (code: number) => void = () => undefined;

  readonly env: Record<string, string>;
  constructor(env: Record<string, string> = {}) {
    super();
    this.env = { NEEDED: 'yes', ...env };
    this.exited = new Promise((resolve) => (this.#resolve = resolve));
  }
  onInputClosed(listener: () => void): void {
    this.closeInput = listener;
  }
  printError(text: string): void {
    this.errors += text;
  }
  print(text: string): void {
    this.out += text;
  }
  exit(code: number): void {
    this.exits.push(code);
    this.#resolve(code);
  }
}

async function run(host: FakeProcess, main: (context: Context) => Promise<void> | void) {
  const lines: Record<string, unknown>[] = [];
  await runService(
    { name: 'demo', config: schema, host, logDestination: { write: (line) => lines.push(JSON.parse(line)) } },
    main,
  );
  return lines;
}

describe('runService', () => {
  it('refuses a bad configuration with every fault and exit code 2, without calling main', async () => {
    const host = new FakeProcess({ NEEDED: '', PORT: 'abc', LOG_LEVEL: 'loud' });
    let called = false;
    await run(host, () => void (called = true));
    expect([called, host.exits]).toEqual([false, [2]]);
    for (const name of ['NEEDED', 'PORT', 'LOG_LEVEL']) expect(host.errors).toContain(name);
  });

  it('explains itself on --help', async () => {
    const host = new FakeProcess();
    host.argv.push('--help');
    await run(host, () => undefined);
    expect(host.exits).toEqual([0]);
    expect(host.out).toContain('NEEDED, --needed');
  });

  it('says ready once, whatever the log level', async () => {
    const lines = await run(new FakeProcess({ LOG_LEVEL: 'error', PROCESS_ID: 'demo-1' }), ({ ready }) => {
      ready({ port: 5, url: 'http://localhost:5' });
      ready({ port: 6 });
    });
    expect(lines).toEqual([expect.objectContaining({ msg: 'ready', service: 'demo', processID: 'demo-1', port: 5 })]);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'])('stops in order on %s with exit code 0', async (signal) => {
    const host = new FakeProcess();
    const order: string[] = [];
    await run(host, ({ shutdown, signal: stopping }) => {
      shutdown.add('a', () => order.push('a'));
      shutdown.add('b', () => order.push(`b ${stopping.aborted}`));
    });
    host.emit(signal);
    expect(await host.exited).toBe(0);
    expect(order).toEqual(['b true', 'a']);
  });

  it('exits at once with 1 on the second signal', async () => {
    const host = new FakeProcess();
    await run(host, ({ shutdown }) => shutdown.add('hangs', () => new Promise(() => undefined), 60_000));
    host.emit('SIGTERM');
    expect(host.exits).toEqual([]);
    host.emit('SIGTERM');
    expect(host.exits).toEqual([1]);
  });

  it('exits with 1 when a step of the stop hangs', async () => {
    const host = new FakeProcess();
    await run(host, ({ shutdown }) => shutdown.add('hangs', () => new Promise(() => undefined), 10));
    host.emit('SIGTERM');
    expect(await host.exited).toBe(1);
  });

  it.each(['uncaughtException', 'unhandledRejection'])('logs %s once, stops in order, exits with 1', async (event) => {
    const host = new FakeProcess();
    let stopped = false;
    const lines = await run(host, ({ shutdown }) => shutdown.add('step', () => (stopped = true)));
    host.emit(event, new Error('boom'));
    host.emit(event, new Error('boom again'));
    expect(await host.exited).toBe(1);
    expect(stopped).toBe(true);
    expect(lines.filter((line) => line['level'] === 'fatal')).toHaveLength(1);
  });

  it('stops what had started when main fails', async () => {
    const host = new FakeProcess();
    let stopped = false;
    await run(host, ({ shutdown }) => {
      shutdown.add('step', () => (stopped = true));
      throw new Error('no Redis');
    });
    expect(await host.exited).toBe(1);
    expect(stopped).toBe(true);
  });

  it('stops when its supervisor is gone, and only if it has one', async () => {
    const supervised = new FakeProcess({ SWITCHBOARD_SUPERVISED: '1' });
    await run(supervised, () => undefined);
    supervised.closeInput();
    supervised.emit('SIGTERM');
    expect(await supervised.exited).toBe(0);

    const alone = new FakeProcess();
    await run(alone, () => undefined);
    alone.closeInput();
    alone.emit('disconnect');
    expect(alone.exits).toEqual([]);
  });
});
