/** A call that is to live through everything: nobody hangs up until the stage is over. */
import type { Call } from '@switchboard/client';
import { eventually, within } from '@switchboard/testkit';
import { hasEnded, isConnected, Phone } from './phone.ts';

/** Of what one side sent, how much never arrived at the other, and the longest silence there, since `measureAnew`. */
export interface MediaLoss {
  readonly packets: number;
  readonly gapMs: number;
}

const KINDS = ['audio', 'video'] as const;

export class SteadyCall {
  readonly phones: readonly [Phone, Phone];
  #calls: readonly Call[] = [];
  #lost: number[] = [];

  constructor(caller: Phone, callee: Phone) {
    this.phones = [caller, callee];
  }

  get callID(): string | undefined {
    return this.#calls[0]?.callID;
  }

  get isLive(): boolean {
    return this.#calls.length === 2 && this.#calls.every((call) => isConnected(call));
  }

  /** How it ended, undefined while it has not. */
  get end(): string | undefined {
    const ended = this.#calls.map(hasEnded).find((state) => state !== undefined);
    return ended && `${ended.reason} by ${ended.endedBy}`;
  }

  /** Rejects if it is not up, with media both ways, within 40 s. */
  async begin(): Promise<void> {
    const [caller, callee] = this.phones;
    await eventually('both are online', () => this.phones.every(({ isOnline }) => isOnline), 20_000);
    const out = caller.call(callee.userID);
    const ring = await callee.rung(caller.userID, 20_000, () => out.state.phase === 'ended');
    if (!ring) throw new Error(`a steady call could not begin: ${JSON.stringify(out.state)}`);
    callee.accept(ring);
    this.#calls = [out, ring];
    await eventually('it is connected', () => this.isLive || this.end, 20_000);
    await this.flows();
    this.measureAnew();
  }

  /** Media arrives at both ends, of both kinds. */
  async flows(withinMs = 20_000): Promise<void> {
    const before = this.#received();
    const more = () => this.#received().every((count, at) => count > (before[at] ?? 0) + 5);
    await eventually('media flows both ways', more, withinMs);
  }

  measureAnew(): void {
    for (const { media } of this.phones) for (const kind of KINDS) media.account.received[kind].measureGapAnew();
    this.#lost = this.#losses();
  }

  loss(): MediaLoss {
    const packets = this.#losses().reduce((sum, lost, at) => sum + lost - (this.#lost[at] ?? 0), 0);
    return { packets, gapMs: Math.max(...this.#ledgers().map(({ longestGapMs }) => longestGapMs)) };
  }

  async hangUp(): Promise<void> {
    this.#calls[0]?.hangUp();
    await within(
      20_000,
      'both sides have ended',
      eventually('ended', () => this.#calls.every(hasEnded), 20_000),
    );
  }

  #ledgers() {
    return this.phones.flatMap(({ media }) => KINDS.map((kind) => media.account.received[kind].stats()));
  }

  #received(): number[] {
    return this.#ledgers().map(({ received }) => received);
  }

  #losses(): number[] {
    return this.#ledgers().map(({ lost }) => lost);
  }
}
