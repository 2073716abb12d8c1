/** Exactly once, whatever is lost and whoever dies: random faults on the memory store, under a virtual clock. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  foldPartition,
  LogError,
  MemoryServer,
  MemoryStore,
  Sender,
  startOrchestration,
  VirtualClock,
  type Faults,
} from '../src/index.ts';
import { accounts, bank, order } from './bank.ts';
import { processAt } from './support.ts';

const partitions = 4;
const writes = new Set(['append', 'commit', 'take', 'renew', 'release', 'load', 'read', 'events', 'blobs', 'due']);

/** What happens at the n-th operation of a process from the last fault on. */
const fault = fc.record({
  after: fc.integer({ min: 0, max: 40 }),
  kind: fc.constantFrom('refused', 'reply lost', 'frozen', 'crashed'),
});
type Fault = typeof fault extends fc.Arbitrary<infer F> ? F : never;

/** A way to the store on which the faults of a plan happen one after the other. `crashed`: no operation ever ends again. */
function faulty(clock: VirtualClock, plan: readonly Fault[], onCrash: () => void): Faults {
  const left = [...plan];
  let count = 0;
  let dead = false;
  let losing = false;
  const never = () => new Promise<void>(() => undefined);
  const unavailable = () => new LogError('unavailable', 'injected');
  return {
    before: async (operation) => {
      if (dead) await never();
      if (!writes.has(operation) || left[0] === undefined || count++ < left[0].after) return;
      const { kind } = left.shift()!;
      count = 0;
      if (kind === 'refused') throw unavailable();
      if (kind === 'frozen') await new Promise<void>((resolve) => clock.timer(4000, resolve));
      if (kind === 'reply lost') losing = true;
      if (kind === 'crashed') {
        dead = true;
        onCrash();
        await never();
      }
    },
    after: async () => {
      if (dead) await never();
      if (!losing) return;
      losing = false;
      throw unavailable();
    },
  };
}

describe('exactly once', () => {
  it('holds under any sequence of refusals, lost replies, freezes and crashes', async () => {
    const plans = fc.array(fc.array(fault, { maxLength: 8 }), { minLength: 2, maxLength: 4 });
    const senderPlan = fc.array(
      fc.record({ after: fc.integer({ min: 0, max: 10 }), kind: fc.constantFrom('refused', 'reply lost') }),
      { maxLength: 8 },
    );
    await fc.assert(fc.asyncProperty(plans, senderPlan, run), { numRuns: 60, endOnFailure: false });
  }, 120_000);
});

async function run(plans: readonly (readonly Fault[])[], senderPlan: readonly Fault[]): Promise<void> {
  const clock = new VirtualClock();
  const server = new MemoryServer({ clock });
  const store = new MemoryStore(server);
  const random = () => 0.5;
  let started = 0;
  const launch = () => {
    const handle = new MemoryStore(server, faulty(clock, plans[started] ?? [], launch));
    started += 1;
    const options = { store: handle, partitions, domain: bank, processID: `o${String(started)}`, clock, random };
    startOrchestration(options).catch(() => undefined);
  };
  launch();
  launch();
  const sender = new Sender({
    store: new MemoryStore(
      server,
      faulty(clock, senderPlan, () => undefined),
    ),
    src: 'g',
    clock,
    random,
  });
  const sent: Promise<void>[] = [];
  for (let n = 0; n < 60; n += 1) {
    const from = `${String(n % partitions)}:from`;
    sent.push(order(sender, { type: 'transfer', key: from, to: `${String((n * 7) % partitions)}:to`, amount: 1 }));
    sent.push(
      order(sender, { type: 'keep', key: from, ref: `r${String(n)}` }, { [`r${String(n)}`]: `text ${String(n)}` }),
    );
    sent.push(order(sender, { type: 'show', key: from, ref: `r${String(n)}`, process: 'g' }));
    await clock.advance(40);
  }
  await clock.advance(40_000);
  await Promise.all(sent);
  await check(store);
}

async function check(store: MemoryStore): Promise<void> {
  const all = await accounts(store, partitions);
  const received = [...all].filter(([key]) => key.endsWith('to')).reduce((sum, [, { total }]) => sum + total, 0);
  const given = [...all].filter(([key]) => key.endsWith('from')).reduce((sum, [, { total }]) => sum - total, 0);
  expect({ given, received }).toEqual({ given: 60, received: 60 });
  for (let number = 0; number < partitions; number += 1) {
    expect((await foldPartition(store, bank, number)).differences).toEqual([]);
    const refs = Array.from({ length: 60 }, (_, n) => `r${String(n)}`);
    expect((await store.blobs(number, refs)).filter((text) => text !== undefined)).toEqual([]);
  }
  const mails = await store.read(processAt('g'), '0', 1000);
  const shown = mails.map(({ src, body, blobs }) => ({
    src,
    n: Number((JSON.parse(body) as { text: string }).text.slice(1)),
    blobs,
  }));
  for (let number = 0; number < partitions; number += 1) {
    const mine = shown.filter(({ src }) => src === `p${String(number)}`).map(({ n }) => n);
    expect(mine).toEqual(Array.from({ length: 60 / partitions }, (_, k) => k * partitions + number));
  }
  for (const { n, blobs } of shown) expect(blobs).toEqual({ [`r${String(n)}`]: `text ${String(n)}` });
}
