/** Both parties of an attempt, and what can be asked of them without knowing which is which. */
import type { LegID, Role } from '@switchboard/protocol';
import type { Pair } from './bridge.ts';
import type { Leg } from './leg.ts';
import { Party } from './party.ts';

export const ROLES: readonly Role[] = ['caller', 'callee'];

export class Parties {
  readonly caller = new Party();
  readonly callee = new Party();

  /** The current legs. */
  get legs(): readonly Leg[] {
    return ROLES.flatMap((role) => this[role].current ?? []);
  }

  find(leg: LegID): Leg | undefined {
    return this.legs.find(({ legID }) => legID === leg);
  }

  knows(leg: LegID): boolean {
    return ROLES.some((role) => this[role].knows(leg));
  }

  /** The endpoints of both current legs, once both offers were applied. */
  get answered(): Pair | undefined {
    const caller = this.caller.current?.endpoint;
    const callee = this.callee.current?.endpoint;
    return caller && callee && { caller, callee };
  }
}
