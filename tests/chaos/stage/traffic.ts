/**
 * Calls that come and go: placed, rung, accepted and hung up, declined or cancelled. Each has its expected end; how it went is
 * kept, so that the log can be held against it.
 */
import type { Call } from '@switchboard/client';
import { eventually } from '@switchboard/testkit';
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../../simulation/engine/random.ts';
import { hasEnded, isConnected, type Phone } from './phone.ts';

export type Plan = 'talk' | 'decline' | 'cancel';
type Role = 'caller' | 'callee';

export interface Played {
  readonly plan: Plan;
  readonly callID: string | undefined;
  /** Ends of both sides; what each should be is in `expected`. */
  readonly ends: readonly string[];
  readonly expected: string;
  /** `refused`: the service told somebody that it cannot do it now, and the call was over on both sides. `lost`: anything else. */
  readonly outcome: 'as planned' | 'refused' | 'lost';
  /** From placing to connected, or to ringing if it was not to be accepted. */
  readonly setupMs: number;
}

/** The service says that it cannot place, or take the answer to, a call now. */
const REFUSALS = ['service_error by system', 'unreachable by system', 'no_capacity by system'];
const PATIENCE_MS = 45_000;
/** How long the two of a refused call wait before they dial again. */
export const REFUSED_MS = 3000;
const GHOST_MS = 10_000;

export class Traffic {
  readonly played: Played[] = [];
  readonly #pairs: readonly (readonly [Phone, Phone])[];
  readonly #random: Random;
  #running = false;
  #lanes: Promise<unknown> = Promise.resolve();

  constructor(pairs: readonly (readonly [Phone, Phone])[], random: Random) {
    this.#pairs = pairs;
    this.#random = random;
  }

  start(): void {
    this.#running = true;
    this.#lanes = Promise.all(this.#pairs.map((pair) => this.#lane(pair)));
  }

  /** Resolves when the calls that are under way have ended. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#lanes;
  }

  /**
   * A call that was refused may have been placed all the same, as nobody knows what Redis took before it died; it must be over on
   * both sides soon. Until then these two do not dial again: they would meet it.
   */
  async #play(caller: Phone, callee: Phone): Promise<void> {
    const played = await play(caller, callee, this.#random);
    if (played.outcome === 'refused') await pause(REFUSED_MS);
    const quiet = () => [caller, callee].every(({ board }) => board.calls.length === 0);
    const over = await eventually('it is over', quiet, GHOST_MS).then(
      () => true,
      () => false,
    );
    this.played.push(over ? played : { ...played, outcome: 'lost', ends: [...played.ends, 'still rings'] });
  }

  async #lane([one, other]: readonly [Phone, Phone]): Promise<void> {
    while (this.#running) {
      const [caller, callee] = this.#random.chance(0.5) ? [one, other] : [other, one];
      if (caller.isOnline) await this.#play(caller, callee);
      await pause(this.#random.whole(50, 400));
    }
  }
}

/** One call from beginning to end. Never rejects. */
export async function play(
  caller: Phone,
  callee: Phone,
  random: Random,
  plan: Plan = anyPlan(random),
): Promise<Played> {
  const by = plan === 'talk' ? random.pick<Role>(['caller', 'callee']) : plan === 'decline' ? 'callee' : 'caller';
  const expected = `${{ talk: 'completed', decline: 'declined', cancel: 'cancelled' }[plan]} by ${by}`;
  const began = performance.now();
  const refusalsBefore = caller.refusals + callee.refusals;
  const out = caller.call(callee.userID);
  let ring: Call | undefined;
  let setupMs = 0;
  let fault = '';
  try {
    ring = await callee.rung(caller.userID, PATIENCE_MS, () => hasEnded(out) !== undefined);
    if (ring && plan === 'talk') await connect([out, ring], callee);
    setupMs = performance.now() - began;
    if (ring && plan === 'talk') await pause(random.whole(100, 1000));
    if (ring) await finish(out, ring, by);
  } catch (error) {
    fault = `; ${String(error)}`;
  }
  const ends = [out, ...(ring ? [ring] : [])].map((call) => `${endOf(call)}${fault}`);
  const asPlanned = ring !== undefined && ends.every((end) => end === expected);
  const told = caller.refusals + callee.refusals > refusalsBefore || ends.some((end) => REFUSALS.includes(end));
  const refused = fault === '' && told;
  for (const call of [out, ring]) if (call && !hasEnded(call)) call.hangUp();
  const outcome = asPlanned ? 'as planned' : refused ? 'refused' : 'lost';
  return { plan, callID: ring?.callID ?? out.callID, ends, expected, outcome, setupMs };
}

const anyPlan = (random: Random) => random.pick<Plan>(['talk', 'talk', 'decline', 'cancel']);

async function connect(calls: readonly [Call, Call], callee: Phone): Promise<void> {
  callee.accept(calls[1]);
  const over = () => calls.some((call) => hasEnded(call));
  await eventually('it is connected, or over', () => over() || calls.every(isConnected), PATIENCE_MS);
}

async function finish(out: Call, ring: Call, by: Role): Promise<void> {
  (by === 'caller' ? out : ring).hangUp();
  await eventually('both sides have ended', () => [out, ring].every(hasEnded), PATIENCE_MS);
}

function endOf(call: Call): string {
  const end = hasEnded(call);
  return end ? `${end.reason} by ${end.endedBy}` : call.state.phase;
}
