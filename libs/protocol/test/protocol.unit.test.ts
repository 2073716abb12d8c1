import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  call,
  CLIENT_MESSAGES,
  command,
  fnv1a32,
  isLineCommand,
  legName,
  login,
  makeCallID,
  makeLegID,
  onIceCandidate,
  partitionOfCall,
  partitionOfUser,
  REASONS,
  seedRefusal,
  userID,
  uuidOfCall,
  type SessionID,
  type UserID,
} from '../src/index.ts';

describe('partitions', () => {
  // From the FNV reference: https://datatracker.ietf.org/doc/html/rfc9923 (appendix, FNV-1a 32)
  test.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['b', 0xe70c2de5],
    ['foobar', 0xbf9cf968],
  ])('FNV-1a of %j', (text, hash) => {
    expect(fnv1a32(text)).toBe(hash);
  });

  test('FNV-1a is taken over UTF-8, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        let hash = 0x811c9dc5;
        for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
        expect(fnv1a32(text)).toBe(hash);
      }),
    );
  });

  test('a call belongs to its caller’s partition, and its callID says so', () => {
    const partition = partitionOfUser('anna' as UserID, 32);
    const id = makeCallID(partition, '0190a000-0000-7000-8000-000000000001');
    expect(partitionOfCall(id)).toBe(partition);
    expect(uuidOfCall(id)).toBe('0190a000-0000-7000-8000-000000000001');
  });

  test('a leg is named by its session, and by its client', () => {
    expect(legName(makeLegID('s-1' as SessionID, 'one:two'))).toBe('one:two');
  });
});

describe('what comes from clients', () => {
  test('integers are user IDs, and become strings', () => {
    expect(userID.parse(7)).toBe('7');
    expect(userID.parse('7')).toBe('7');
  });

  test.each([[''], ['x'.repeat(129)], ['a\nb'], [1.5], [null], [{}], [undefined]])('%j is no user ID', (value) => {
    expect(userID.safeParse(value).success).toBe(false);
  });

  test('unknown capabilities are ignored', () => {
    expect(login.parse({ type: 'login', userID: 1, capabilities: ['native', 'teleport'] }).capabilities).toEqual([
      'native',
    ]);
  });

  test.each([['hello'], ['v=0'], ['m=audio 9'], ['']])('%j is no SDP', (sdpOffer) => {
    expect(call.safeParse({ type: 'call', callerID: 'a', calleeID: 'b', sdpOffer }).success).toBe(false);
  });

  test('a candidate without mid and index belongs to the first m-line', () => {
    const parsed = onIceCandidate.parse({
      type: 'onIceCandidate',
      candidate: { candidate: 'candidate:1', sdpMid: null },
    });
    expect(parsed.candidate).toEqual({ candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 });
  });

  test('nothing that is thrown at a schema makes it throw', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const schema of Object.values(CLIENT_MESSAGES)) schema.safeParse(value);
        command.safeParse(value);
      }),
    );
  });
});

describe('the one vocabulary of ends', () => {
  test('a seed client gets the values that the seed knows, and no other', () => {
    const values = Object.keys(REASONS).map((reason) => seedRefusal(reason as keyof typeof REASONS));
    expect(new Set(values)).toEqual(new Set(['exception', 'rejected', 'isBusy', 'notOnline']));
  });

  test('a command is for a Line or for a Call', () => {
    expect(isLineCommand({ type: 'WakeLine', userID: 'anna' as UserID })).toBe(true);
    expect(isLineCommand({ type: 'WakeCall', callID: makeCallID(1, 'x') })).toBe(false);
  });
});
