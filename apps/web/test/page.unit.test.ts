import type { Call, EndedState } from '@switchboard/client';
import { describe, expect, it } from 'vitest';
import { en } from '../src/i18n/en.ts';
import { firstLanguage } from '../src/i18n/index.ts';
import { zhCN } from '../src/i18n/zh-CN.ts';
import type { Line } from '../src/phone/line.ts';
import { statusOf } from '../src/phone/status.ts';
import { clock } from '../src/phone/use-duration.ts';
import { orderGateways, readWishes } from '../src/settings.ts';

const gateways = ['https://localhost:8443', 'https://localhost:8444'];

describe('the gateway to use first', () => {
  it.each([
    [undefined, 'https://localhost:8444', '8444'],
    [undefined, 'http://elsewhere', '8443'],
    ['2', 'https://localhost:8443', '8444'],
    ['8444', 'https://localhost:8443', '8444'],
    ['localhost:8444', 'https://localhost:8443', '8444'],
    ['https://localhost:8444', 'https://localhost:8443', '8444'],
    ['https://evil.example', 'https://localhost:8443', '8443'],
  ])('wanted %s, served by %s', (wanted, origin, port) => {
    const ordered = orderGateways(gateways, wanted, origin);
    expect(ordered[0]).toBe(`https://localhost:${port}`);
    expect([...ordered].sort()).toEqual(gateways);
  });
});

it('wishes stand in the address', () => {
  expect(readWishes('?user=alice&gateway=2&debug')).toEqual({ user: 'alice', gateway: '2', debug: true });
  expect(readWishes('?user=')).toEqual({ user: undefined, gateway: undefined, debug: false });
});

it.each([
  [0, '0:00'],
  [65_900, '1:05'],
  [3_725_000, '1:02:05'],
])('%i ms are shown as %s', (ms, text) => expect(clock(ms)).toBe(text));

it.each([
  [undefined, ['zh-TW', 'en'], 'zh-CN'],
  [undefined, ['de', 'en-GB', 'zh'], 'en'],
  [undefined, ['de'], 'en'],
  ['en', ['zh'], 'en'],
  ['xx', ['zh'], 'zh-CN'],
])('remembered %s, accepted %j', (remembered, accepted, language) => {
  expect(firstLanguage(remembered, accepted)).toBe(language);
});

const quiet = {
  local: undefined,
  remote: undefined,
  localMedia: { audio: true, video: true, screen: false },
  peerMedia: { audio: true, video: true, screen: false },
  peerState: 'connected',
  lacking: undefined,
  talked: undefined,
} as const;

describe('how a call ended', () => {
  const session = {
    kind: 'logged-in',
    userID: 'alice',
    connection: { status: 'online', gateway: 'https://localhost:8443', sessionID: 's' },
  } as const;
  const over = (direction: Call['direction'], ending: Omit<EndedState, 'phase'>, peerID = 'bob'): Line => ({
    kind: 'shown',
    call: { direction, role: direction === 'outgoing' ? 'caller' : 'callee', peerID } as Call,
    state: { phase: 'ended', ...ending },
    ...quiet,
  });
  /** As the page finds its sentence. */
  const said = (line: Line): string | undefined =>
    statusOf(session, line)
      .keys.map((key) =>
        key.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], en),
      )
      .find((text): text is string => typeof text === 'string');

  it.each([
    ['outgoing', 'completed', 'caller', 'You hung up.'],
    ['outgoing', 'completed', 'callee', '{peer} hung up.'],
    ['incoming', 'completed', 'callee', 'You hung up.'],
    ['incoming', 'completed', 'caller', '{peer} hung up.'],
    ['incoming', 'cancelled', 'caller', '{peer} stopped calling.'],
    ['outgoing', 'declined', 'callee', '{peer} declined the call.'],
    ['outgoing', 'no_answer', 'system', '{peer} did not answer.'],
    ['incoming', 'no_answer', 'system', 'You missed a call from {peer}.'],
    ['outgoing', 'completed', 'admin', 'The call is over.'],
    ['outgoing', 'media_denied', 'caller', en.ended.media_denied.any],
  ] as const)('%s, %s by %s', (direction, reason, endedBy, text) => {
    expect(said(over(direction, { reason, endedBy }))).toBe(text);
  });

  it('says that nobody can call himself', () => {
    expect(said(over('outgoing', { reason: 'forbidden', endedBy: 'system' }, 'alice'))).toBe(en.self);
  });
});

it('both languages say the same things, with the same gaps to fill', () => {
  const gaps = (at: object, path = ''): string[] =>
    Object.entries(at).flatMap(([name, value]) =>
      typeof value === 'string'
        ? [`${path}${name} ${[...value.matchAll(/\{\w+\}/g)].map(String).sort().join()}`]
        : gaps(value as object, `${path}${name}.`),
    );
  expect(gaps(zhCN)).toEqual(gaps(en));
});
