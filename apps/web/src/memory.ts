/** What the page remembers over reloads. A browser that forbids it just forgets. */
type Item = 'name' | 'language';

export function recall(item: Item): string | undefined {
  try {
    return localStorage.getItem(`switchboard.${item}`) ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(item: Item, value: string): void {
  try {
    localStorage.setItem(`switchboard.${item}`, value);
  } catch {
    // Nothing depends on it.
  }
}
