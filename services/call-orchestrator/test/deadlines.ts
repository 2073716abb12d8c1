/** The deadlines of a call, on any store: each ends its call at most 250 ms late, and none before an accept that was in time. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CALLER, Switchroom, type Store } from './switchroom.ts';

const LATE_MS = 250;
const POLICY = { ringMs: 1200, setupMs: 700, graceMs: 700, maxCallMs: 900 };
/** Less than a lease: whoever takes over comes after the deadline. */
const BEFORE_DEADLINE_MS = 400;

export function deadlinesContract(name: string, start: () => Promise<Store>): void {
  describe(name, () => {
    let store: Store;
    let room: Switchroom;
    let count = 0;

    const endsAt = async (reason: string, until: number) => {
      const { ending, at } = await room.happened('CallEnded');
      expect(ending).toMatchObject({ reason });
      expect(at - until).toBeGreaterThanOrEqual(0);
      expect(at - until).toBeLessThanOrEqual(LATE_MS);
    };
    /** The owner dies while it rings, so shortly before the deadline that nobody can take over in time. */
    const crashesWhileItRings = async () => {
      await room.staff(2);
      const { until } = await room.ring();
      await room.until('the deadline is near', () => room.now() >= until - BEFORE_DEADLINE_MS);
      await room.crash();
      return until;
    };
    const takenOver = async (after: number) => {
      await room.until('another took over', () => room.takenAt.length > 1);
      const at = room.takenAt.at(-1) ?? 0;
      expect(at).toBeGreaterThan(after);
      return at;
    };

    beforeAll(async () => {
      store = await start();
    });
    beforeEach(async () => {
      count += 1;
      room = await Switchroom.open(store, `deadlines-${String(count)}`, POLICY);
    });
    afterEach(() => room.close());
    afterAll(() => store.close());

    it('nobody answers: the ring time', async () => {
      await room.staff(1);
      const { until } = await room.ring();
      await endsAt('no_answer', until);
    });

    it('no media comes up: the set-up time', async () => {
      await room.staff(1);
      await room.ring();
      await room.accept();
      const { until } = await room.happened('CallAccepted');
      await endsAt('setup_failed', until);
    });

    it('a broken socket does not come back: the grace time', async () => {
      await room.staff(1);
      await room.connect();
      const { userID, device } = CALLER;
      await room.say({ type: 'CloseSocket', userID, socket: device.session, resumable: true });
      const { until } = await room.happened('DeviceDropped');
      await endsAt('connection_lost', until);
    });

    it('nobody hangs up: the longest call', async () => {
      await room.staff(1);
      const { until } = await room.connect();
      await endsAt('max_duration', until);
    });

    it('the owner was killed before the deadline: who takes over fires it at once', async () => {
      const until = await crashesWhileItRings();
      await endsAt('no_answer', await takenOver(until));
    });

    it('the owner was killed before the deadline, but an accept was in time: it wins', async () => {
      const until = await crashesWhileItRings();
      await room.accept();
      expect(room.now()).toBeLessThan(until);
      await takenOver(until);
      const { at } = await room.happened('CallAccepted');
      expect(at).toBeGreaterThan(until);
      expect((await room.events()).map(({ type }) => type)).not.toContain('CallEnded');
    });
  });
}
