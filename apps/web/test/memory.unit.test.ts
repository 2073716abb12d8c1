import { describe, expect, it } from 'vitest';
import { readLogin, tabMemory } from '../src/memory.ts';
import { MOST_PEOPLE, readPeople, usePeople, withPerson } from '../src/phone/use-people.ts';
import { firstLogin } from '../src/settings.ts';

describe('a login that is kept', () => {
  const text = JSON.stringify({ userID: 'alice', token: 't', away: true, wish: 'alice' });

  it.each([
    [text, 'alice', { userID: 'alice', token: 't', away: true }],
    [text, 'bob', undefined],
    [text, undefined, undefined],
    ['{"userID":"bob"}', undefined, { userID: 'bob', token: undefined, away: false }],
    ['{"userID":7}', undefined, undefined],
    ['nonsense', undefined, undefined],
    [undefined, undefined, undefined],
  ])('%s, with the wish %s', (kept, wish, login) => expect(readLogin(kept, wish)).toEqual(login));

  it('is forgotten by a browser without storage', () => {
    const memory = tabMemory(undefined);
    memory.keep({ userID: 'alice', away: false });
    expect(memory.recall()).toBeUndefined();
  });
});

describe('who logs in without being asked', () => {
  const bob = { userID: 'bob', away: false };
  const token = { ...bob, token: 't' };

  it.each([
    ['open', bob, 'alice', 'bob'],
    ['open', undefined, 'alice', 'alice'],
    ['open', undefined, undefined, undefined],
    ['jwt', token, undefined, 'bob'],
    ['jwt', bob, undefined, undefined],
    ['jwt', undefined, 'alice', undefined],
  ] as const)('%s, kept %j, wished %s: %s', (auth, kept, wished, userID) => {
    expect(firstLogin(kept, wished, auth)?.userID).toBe(userID);
  });
});

describe('people', () => {
  it('the latest stands first, and only once', () => {
    expect(withPerson(['bob', 'cleo'], 'cleo')).toEqual(['cleo', 'bob']);
  });

  it('are no more than fifty', () => {
    const many = Array.from({ length: MOST_PEOPLE }, (_, index) => `user-${String(index)}`);
    expect(withPerson(many, 'bob')).toEqual(['bob', ...many.slice(0, -1)]);
  });

  it('are not oneself', () => {
    const { names, add, remove } = usePeople('alice');
    ['alice', 'bob', 'cleo'].forEach(add);
    remove('bob');
    expect(names.value).toEqual(['cleo']);
  });

  it.each([
    ['["bob","王小明"]', ['bob', '王小明']],
    [JSON.stringify(['bob', 7, '', 'a\nb', 'x'.repeat(129)]), ['bob']],
    ['{"bob":1}', []],
    ['nonsense', []],
    [undefined, []],
  ])('kept as %s', (text, names) => expect(readPeople(text)).toEqual(names));
});
