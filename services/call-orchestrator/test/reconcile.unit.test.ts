import { Liveness, MemoryServer, MemoryStore, VirtualClock } from '@switchboard/event-log';
import { expect, test } from 'vitest';
import { Reconciler } from '../src/reconcile.ts';

test('asks every gateway and worker that is not dead what it has of a partition', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore(new MemoryServer({ clock }));
  const liveness = new Liveness({ store, clock, periodMs: 250 });
  liveness.start();
  const beat = (id: string, kind: string, counter: number) => store.beat({ id, kind, counter, info: '{}' });
  await beat('late', 'gateway', 1);
  for (let counter = 1; counter <= 5; counter += 1) {
    await Promise.all([
      beat('g', 'gateway', counter),
      beat('w', 'worker', counter),
      beat('o', 'orchestrator', counter),
    ]);
    await clock.advance(1000);
  }
  const reconciler = new Reconciler({ store, clock, liveness, processID: 'o' });
  reconciler.ask(3);
  reconciler.ask(5);
  await clock.advance(100);
  const told = async (id: string) =>
    (await store.read({ kind: 'process', id }, '0', 9)).map(({ src, body }) => [src, body]);
  const questions = [3, 5].map((partition) => ['o', JSON.stringify({ type: 'Reconcile', partition })]);
  expect([await told('g'), await told('w')]).toEqual([questions, questions]);
  expect([await told('late'), await told('o')]).toEqual([[], []]);
  reconciler.close();
  liveness.stop();
});
