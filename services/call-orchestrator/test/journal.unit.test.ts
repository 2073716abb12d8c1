import { createMetrics } from '@switchboard/service-kit';
import { expect, test } from 'vitest';
import { createJournal } from '../src/journal.ts';

const callID = '1-0190a000-0000-7000-8000-000000000001';
const lines: string[] = [];
const say = (level: string) => (fields: object, text?: string) => {
  lines.push(`${level} ${text ?? ''} ${JSON.stringify(fields)}`);
};
const logger = { info: say('info'), warn: say('warn'), error: say('error') };

test('each call leaves a line when it starts and one when it ends, without its users and its SDP', async () => {
  const registry = createMetrics();
  const journal = createJournal(logger as never, registry);
  const caller = { userID: 'anna', device: {}, legID: 'x', leg: 'offered' };
  const ending = { reason: 'service_error', endedBy: 'system', phase: 'inviting' };
  journal([
    {
      key: `call:${callID}`,
      event: { v: 1, type: 'CallStarted', callID, n: 1, caller, calleeID: 'ben', media: 'video' },
    },
    { key: 'line:ben', event: { v: 1, type: 'DeviceAttached', userID: 'ben' } },
    { key: `call:${callID}`, event: { v: 1, type: 'CallEnded', callID, n: 2, ending } },
  ]);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^info call started/);
  expect(lines[1]).toMatch(/^error .*service_error/);
  for (const line of lines) {
    expect(line).toContain(callID);
    expect(line).not.toMatch(/anna|ben/);
  }
  expect(await registry.metrics()).toContain('switchboard_calls_ended_total{reason="service_error"');
});
