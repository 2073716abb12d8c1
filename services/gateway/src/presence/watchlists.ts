/**
 * Who watches whom on this gateway, and what was last heard of each. Pure: what must be said to Lines is returned.
 * Invariants: a user stands here as long as somebody watches him, and no longer; he has MOST_WATCHING watchers at most.
 */
import type { Presence, UserID } from '@switchboard/protocol';

/** Most sessions of one gateway that may watch one user. */
export const MOST_WATCHING = 1000;

interface Watched<Watcher> {
  readonly watchers: Set<Watcher>;
  /** Undefined until his Line has spoken. */
  state: Presence | undefined;
}

export interface Known {
  readonly userID: UserID;
  readonly state: Presence;
}

export interface Changes {
  /** Users whom nobody watched before. */
  readonly watch: readonly UserID[];
  /** Users whom nobody watches any more. */
  readonly unwatch: readonly UserID[];
  /** What is known already of those who are new on this list. */
  readonly known: readonly Known[];
}

export class Watchlists<Watcher> {
  readonly #lists = new Map<Watcher, ReadonlySet<UserID>>();
  readonly #watched = new Map<UserID, Watched<Watcher>>();

  /** How many users are watched. */
  get size(): number {
    return this.#watched.size;
  }

  users(): readonly UserID[] {
    return [...this.#watched.keys()];
  }

  /** Takes the place of the watcher's list before; undefined, and nothing changes, if one of them has too many watchers. */
  replace(watcher: Watcher, userIDs: Iterable<UserID>): Changes | undefined {
    const [before, after] = [this.#lists.get(watcher) ?? new Set<UserID>(), new Set(userIDs)];
    const added = [...after].filter((userID) => !before.has(userID));
    if (added.some((userID) => this.#isFull(userID))) return undefined;
    if (after.size === 0) this.#lists.delete(watcher);
    else this.#lists.set(watcher, after);
    const unwatch = [...before].filter((userID) => !after.has(userID) && this.#remove(userID, watcher));
    const watch = added.filter((userID) => this.#add(userID, watcher));
    return { watch, unwatch, known: added.flatMap((userID) => this.#known(userID)) };
  }

  /** Everybody who watches this user; undefined if nobody does. */
  heard({ userID, state }: Known): readonly Watcher[] | undefined {
    const watched = this.#watched.get(userID);
    if (watched === undefined) return undefined;
    watched.state = state;
    return [...watched.watchers];
  }

  #isFull(userID: UserID): boolean {
    return (this.#watched.get(userID)?.watchers.size ?? 0) >= MOST_WATCHING;
  }

  /** True if it is the first. */
  #add(userID: UserID, watcher: Watcher): boolean {
    const watched = this.#watched.get(userID);
    if (watched === undefined) this.#watched.set(userID, { watchers: new Set([watcher]), state: undefined });
    else watched.watchers.add(watcher);
    return watched === undefined;
  }

  /** True if it was the last. */
  #remove(userID: UserID, watcher: Watcher): boolean {
    const watchers = this.#watched.get(userID)?.watchers;
    watchers?.delete(watcher);
    return watchers?.size === 0 && this.#watched.delete(userID);
  }

  #known(userID: UserID): Known[] {
    const state = this.#watched.get(userID)?.state;
    return state === undefined ? [] : [{ userID, state }];
  }
}
