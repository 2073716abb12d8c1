/** What a store does that is out of memory: what goes on or ends is written from its reserve, only what is new is refused. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LogStore } from '../src/index.ts';
import { change, commitAfter, mails, partition, processAt, type StoreFixture } from './support.ts';

export interface ShortageFixture extends StoreFixture {
  /** From now on no memory is left but the store's reserve, or there is again. */
  exhaust(exhausted: boolean): Promise<void>;
}

export function shortageContract(name: string, start: () => Promise<ShortageFixture>): void {
  describe(`${name}, out of memory`, () => {
    let fixture: ShortageFixture;
    let store: LogStore;
    let count = 0;

    beforeAll(async () => {
      fixture = await start();
    });
    beforeEach(async () => {
      store = await fixture.open(`shortage-${String((count += 1))}`);
      await store.open(8);
      await fixture.exhaust(true);
    });
    afterEach(async () => {
      await fixture.exhaust(false);
      await store.close();
    });
    afterAll(() => fixture.close());

    it('refuses a batch that may be refused, whole, and takes any other', async () => {
      const refused = store.append(partition(1), 'g', mails(1, 2), true);
      await expect(refused).rejects.toMatchObject({ code: 'exhausted', temporary: true });
      expect(await store.read(partition(1), '0', 9)).toEqual([]);
      expect(await store.append(partition(1), 'g', mails(1, 1))).toEqual({ kind: 'appended', duplicates: 0 });
      await fixture.exhaust(false);
      expect(await store.append(partition(1), 'g', mails(1, 2), true)).toEqual({ kind: 'appended', duplicates: 1 });
    });

    it('lets owners, processes and those who start go on', async () => {
      const head = await store.take(1, 'A', 1500);
      expect(await store.holder(1)).toBe('A');
      await store.append(partition(1), 'g', mails(1, 1));
      const [mail] = await store.read(partition(1), '0', 9);
      const events = [{ key: 'x', body: '{}', first: true }];
      const changes = [change('x', { deadline: 5, watch: ['g'], live: true })];
      const blobs = { putBlobs: { r: 'v=0' }, holdBlobs: { r: 1 } };
      const commit = commitAfter(head!, { events, changes, ...blobs, inboxCursor: mail!.id });
      expect(await store.commit(1, commit)).toMatchObject({ kind: 'done', nextDeadline: 5 });
      expect(await store.due(1, 10, 9)).toEqual(['x']);
      await store.trim(1, { eventsMs: 0, eventsCount: 0 });
      expect(await store.read(partition(1), '0', 9)).toEqual([]);
      await store.release(1, 'A', head!.epoch);

      await store.append(processAt('w'), 'p1', mails(1, 1));
      const [word] = await store.read(processAt('w'), '0', 9);
      await store.settle('w', word!.id);
      await store.beat({ id: 'w', kind: 'worker', counter: 1, info: '' });
      expect(await store.beats()).toHaveLength(1);
      await store.forget('w');
      await store.open(8);
    });
  });
}
