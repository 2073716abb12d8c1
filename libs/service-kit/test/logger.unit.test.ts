import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';

import { createLogger, IpAddress, Sdp, Secret } from '../src/index.ts';

function capture() {
  const lines: string[] = [];
  const logger = createLogger({
    service: 'gateway',
    processID: 'g-1',
    level: 'debug',
    destination: { write: (line) => lines.push(line) },
  });
  return {
    logger,
    last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>,
    text: () => lines.join(''),
  };
}

describe('createLogger', () => {
  it('writes one JSON object a line with service, process and the fields of a child', () => {
    const { logger, last } = capture();
    logger.child({ callID: 'c-1' }).info({ n: 3 }, 'ringing');
    expect(last()).toMatchObject({ level: 'info', service: 'gateway', processID: 'g-1', callID: 'c-1', n: 3 });
    expect(last()['msg']).toBe('ringing');
    expect(Date.parse(String(last()['time']))).not.toBeNaN();
  });

  it('keeps SDP, candidates and secrets out, however deep and in children too', () => {
    const { logger, text } = capture();
    const sdp = 'v=0\r\no=hidden 1 1 IN IP4 0.0.0.0';
    logger.info({ sdpOffer: 'hidden', message: { nested: [{ candidate: { ip: 'hidden' } }, { jwtToken: 'hidden' }] } });
    logger.info({ harmless: sdp, list: ['candidate:1 1 UDP hidden'] }, 'raw texts');
    logger.child({ password: 'hidden' }).warn({ err: Object.assign(new Error('oops'), { sdpAnswer: 'hidden' }) });
    logger.error({ err: new Error('outer', { cause: Object.assign(new Error('inner'), { secret: 'hidden' }) }) });
    expect(text()).not.toContain('hidden');
    expect(text()).toContain('inner');
  });

  it('keeps counts and flags under a telling key', () => {
    const { logger, last } = capture();
    logger.info({ hasToken: true, token: 3 });
    expect(last()).toMatchObject({ hasToken: true, token: 3 });
  });

  it('logs an error with its stack, given as a field or alone', () => {
    const { logger, last } = capture();
    logger.error(new TypeError('broken'));
    expect(last()['err']).toMatchObject({ type: 'TypeError', message: 'broken', stack: expect.any(String) });
  });

  it('survives an object that contains itself', () => {
    const { logger, text } = capture();
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    logger.info({ loop }, 'round');
    expect(text()).toContain('[too deep]');
  });
});

describe('values that cannot be logged whole', () => {
  it.each([
    [new Secret('hidden'), '[secret]'],
    [new Sdp('hidden'), '[sdp, 6 bytes]'],
    [new IpAddress('192.168.1.7'), '[ipv4 private]'],
    [new IpAddress('::ffff:8.8.8.8'), '[ipv4 public]'],
    [new IpAddress('fe80::1'), '[ipv6 link-local]'],
    [new IpAddress('2001:db8::1'), '[ipv6 public]'],
  ])('%s is shown redacted everywhere', (value, shown) => {
    expect([`${value}`, JSON.parse(JSON.stringify(value)), inspect(value)]).toEqual([shown, shown, shown]);
    const { logger, last, text } = capture();
    logger.info({ peer: value, token: value });
    expect(last()).toMatchObject({ peer: shown, token: shown });
    expect(text()).not.toContain(value.reveal());
  });
});
