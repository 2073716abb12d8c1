/** Many users without media, each with the SDK that a page has, on real sockets: what the loss of a gateway is for all its clients. */
import { Switchboard, type ConnectionState } from '@switchboard/client';
import WebSocket from 'ws';
import { eventually } from './wait.ts';

export interface CrowdOptions {
  /** `https://host:port`, in the order in which each member tries them. */
  readonly gateways: readonly string[];
  readonly count: number;
  /** First part of each userID. */
  readonly name: string;
}

/** So many log in at once when the crowd comes together. */
const LOGINS_AT_ONCE = 50;

class Member {
  readonly board: Switchboard;
  gateway: string | undefined;
  sessionID: string | undefined;
  /** `performance.now()` of the last login. */
  onlineAt = 0;
  /** Its session was another one after a login. */
  lostSession = false;
  refused: string | undefined;

  constructor(userID: string, gateways: readonly string[]) {
    const openSocket = (url: string) => {
      const socket = new WebSocket(url, { rejectUnauthorized: false, perMessageDeflate: false });
      // `close` follows.
      socket.on('error', () => undefined);
      return socket as never;
    };
    this.board = new Switchboard({ gateways, userID, storage: null, deps: { openSocket } });
    this.board.on('state', (state) => {
      this.#is(state);
    });
  }

  #is(state: ConnectionState): void {
    if (state.status === 'closed') this.refused = state.error.code;
    if (state.status !== 'online') this.gateway = undefined;
    if (state.status !== 'online') return;
    this.lostSession ||= this.sessionID !== undefined && this.sessionID !== state.sessionID;
    Object.assign(this, { gateway: state.gateway, sessionID: state.sessionID, onlineAt: performance.now() });
  }
}

export class Crowd {
  readonly #members: readonly Member[];

  private constructor(members: readonly Member[]) {
    this.#members = members;
  }

  /** Resolves when all are logged in. */
  static async join({ gateways, count, name }: CrowdOptions): Promise<Crowd> {
    const members = Array.from({ length: count }, (_, index) => new Member(`${name}-${String(index)}`, gateways));
    for (let from = 0; from < count; from += LOGINS_AT_ONCE) {
      await Promise.all(members.slice(from, from + LOGINS_AT_ONCE).map(({ board }) => board.connect()));
    }
    return new Crowd(members);
  }

  /** Members who are online, by gateway. */
  at(gateway: string): number {
    return this.#members.filter((member) => member.gateway === gateway).length;
  }

  /** Members who came back as somebody new. */
  get lostSessions(): number {
    return this.#members.filter(({ lostSession }) => lostSession).length;
  }

  /** Codes by which members were refused for good. */
  get refusals(): string[] {
    return this.#members.flatMap(({ refused }) => (refused === undefined ? [] : [refused]));
  }

  /**
   * Waits until all are online at other gateways than this one.
   * @returns ms from `since` (`performance.now()`) until each of them was, ascending
   */
  async movedFrom(gateway: string, since: number, withinMs: number): Promise<number[]> {
    const moved = (member: Member) => member.gateway !== undefined && member.gateway !== gateway;
    const left = () => this.#members.filter((member) => !moved(member)).length;
    await eventually(`everybody has left ${gateway}`, () => left() === 0, withinMs).catch((error: unknown) => {
      throw new Error(`${String(left())} of ${String(this.#members.length)} have not come back`, { cause: error });
    });
    return this.#members.map(({ onlineAt }) => onlineAt - since).sort((a, b) => a - b);
  }

  leave(): void {
    for (const { board } of this.#members) board.disconnect();
  }
}

/** The value below which this share of ascending values lies. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
