/** The people of one user, the latest first: whom he called, who called him, whom he wrote down. */
import { shallowRef, type ShallowRef } from 'vue';
import { recall, remember } from '../memory.ts';

export const MOST_PEOPLE = 50;

export interface People {
  names: ShallowRef<readonly string[]>;
  add(name: string): void;
  remove(name: string): void;
}

export function usePeople(userID: string): People {
  const item = `people.${userID}` as const;
  const names = shallowRef<readonly string[]>(readPeople(recall(item)));

  /** Another tab of the same user may have written meanwhile. */
  function change(how: (now: readonly string[]) => readonly string[]): void {
    const kept = recall(item);
    names.value = how(kept === undefined ? names.value : readPeople(kept));
    remember(item, JSON.stringify(names.value));
  }

  return {
    names,
    add: (name) => {
      if (name !== userID) change((now) => withPerson(now, name));
    },
    remove: (name) => change((now) => now.filter((other) => other !== name)),
  };
}

export function withPerson(names: readonly string[], name: string): string[] {
  return [name, ...names.filter((other) => other !== name)].slice(0, MOST_PEOPLE);
}

export function readPeople(text: string | undefined): string[] {
  try {
    const told: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(told) ? told.filter(isName).slice(0, MOST_PEOPLE) : [];
  } catch {
    return [];
  }
}

/** What the server takes for a name; one bad name would have it refuse the whole list. */
function isName(name: unknown): name is string {
  return typeof name === 'string' && /^\P{Cc}{1,128}$/u.test(name) && name.length <= 128;
}
