/** What the page remembers over reloads. A browser that forbids it just forgets. */
type Item = 'name' | 'language' | `people.${string}`;

export function recall(item: Item): string | undefined {
  return tryTo(() => localStorage.getItem(`switchboard.${item}`)) ?? undefined;
}

export function remember(item: Item, value: string): void {
  tryTo(() => localStorage.setItem(`switchboard.${item}`, value));
}

/** Who is logged in in this tab. The token leaves with the tab: it never lies in localStorage. */
export interface TabLogin {
  userID: string;
  token?: string | undefined;
  away: boolean;
}

export interface TabMemory {
  recall(): TabLogin | undefined;
  keep(login: TabLogin): void;
  forget(): void;
}

/** For one wish (`?user=`): a tab that is sent to the page with another wish starts anew. */
export function tabMemory(wish: string | undefined): TabMemory {
  const key = 'switchboard.login';
  return {
    recall: () =>
      readLogin(
        tryTo(() => sessionStorage.getItem(key)),
        wish,
      ),
    keep: (login) => void tryTo(() => sessionStorage.setItem(key, JSON.stringify({ ...login, wish }))),
    forget: () => void tryTo(() => sessionStorage.removeItem(key)),
  };
}

export function readLogin(text: string | null | undefined, wish: string | undefined): TabLogin | undefined {
  const kept = tryTo(() => JSON.parse(text ?? '') as Partial<TabLogin> & { wish?: string });
  if (typeof kept?.userID !== 'string' || kept.wish !== wish) return undefined;
  return { userID: kept.userID, token: kept.token, away: kept.away === true };
}

function tryTo<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
