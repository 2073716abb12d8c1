/** Where commands go, and which of them are sent again. */
import { LogError, VirtualClock, type Address, type Mail, type SendOptions } from '@switchboard/event-log';
import { partitionOfUser, type GatewayID, type LegID, type SessionID, type UserID } from '@switchboard/protocol';
import { describe, expect, it } from 'vitest';
import { Outbox } from '../src/mail/outbox.ts';
import type { GatewayCommand } from '../src/session/actions.ts';
import { RINGING } from './support/machine.ts';

const userID = 'ann' as UserID;
const gateway = 'gw-1' as GatewayID;
const speaker = { session: 's1' as SessionID, connection: 1 };
const device = { ...speaker, gateway, capabilities: [] };
const commands = {
  Watch: { type: 'Watch', userID, gateway },
  Unwatch: { type: 'Unwatch', userID, gateway },
  CloseSocket: { type: 'CloseSocket', userID, socket: speaker.session, resumable: true },
  SetPresence: { type: 'SetPresence', userID, ...speaker, state: 'away' },
  PartyHere: { type: 'PartyHere', callID: RINGING, userID, device, fresh: false },
  Place: {
    type: 'Place',
    userID,
    ...speaker,
    callID: RINGING,
    calleeID: userID,
    media: 'video',
    legID: 's1:l' as LegID,
  },
  Accept: { type: 'Accept', userID, callID: RINGING, device, legID: 's1:l' as LegID },
  Stop: { type: 'Stop', userID, ...speaker, callID: RINGING },
  Login: { type: 'AttachDevice', userID, socket: speaker.session, gateway, capabilities: [] },
  Resume: {
    ...{ type: 'AttachDevice', userID, socket: speaker.session, gateway, capabilities: [] },
    resume: 's0' as SessionID,
  },
  ShowMedia: { type: 'ShowMedia', callID: RINGING, userID, ...speaker, audio: true, video: true, screen: false },
} as const satisfies Record<string, GatewayCommand>;

/** An outbox on a log that is full for the first `refusals` messages. */
function outboxOf(refusals: number) {
  const clock = new VirtualClock();
  const sent: string[] = [];
  const targets: Address[] = [];
  const refusable: boolean[] = [];
  let left = refusals;
  const send = (to: Address, { body }: Mail, options: SendOptions = {}): Promise<void> => {
    left -= 1;
    if (left >= 0) return Promise.reject(new LogError('overloaded', 'full'));
    targets.push(to);
    refusable.push(options.refusable ?? false);
    sent.push((JSON.parse(body) as GatewayCommand).type);
    return Promise.resolve();
  };
  const outbox = new Outbox({ sender: { send }, clock, partitions: 32 });
  const failures: string[] = [];
  const say = (command: GatewayCommand) =>
    outbox.command({ kind: 'command', command }, ({ type }, how) => void failures.push(`${type} ${how}`));
  return { clock, sent, targets, refusable, failures, say };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the outbox', () => {
  it.each(['PartyHere', 'ShowMedia'] as const)('sends %s to the partition of the call', (type) => {
    const { say, targets } = outboxOf(0);
    say(commands[type]);
    expect(targets).toEqual([{ kind: 'partition', partition: 3 }]);
  });

  it.each(['Watch', 'Unwatch', 'CloseSocket', 'SetPresence'] as const)(
    'sends %s to the partition of the user',
    (type) => {
      const { say, targets } = outboxOf(0);
      say(commands[type]);
      expect(targets).toEqual([{ kind: 'partition', partition: partitionOfUser(userID, 32) }]);
    },
  );

  it.each(['Watch', 'Unwatch', 'CloseSocket', 'PartyHere'] as const)('sends %s until it is taken', async (type) => {
    const { say, sent, clock, failures } = outboxOf(3);
    say(commands[type]);
    await settled();
    expect(sent).toEqual([]);
    await clock.advance(1600);
    await settled();
    expect(sent).toEqual([type]);
    expect(failures).toEqual([]);
  });

  it.each(['SetPresence', 'ShowMedia'] as const)('gives %s back if it is refused', async (type) => {
    const { say, sent, clock, failures } = outboxOf(1);
    say(commands[type]);
    await settled();
    await clock.advance(5000);
    expect(failures).toEqual([`${type} refused`]);
    expect(sent).toEqual([]);
  });

  it.each([
    ['Place', true],
    ['Login', true],
    ['Resume', false],
    ['Accept', false],
    ['Stop', false],
    ['CloseSocket', false],
    ['Watch', false],
  ] as const)('lets the log refuse %s while it is short of memory: %s', (name, may) => {
    const { say, refusable } = outboxOf(0);
    say(commands[name]);
    expect(refusable).toEqual([may]);
  });

  it('never sends a watch after what was said later of that user', async () => {
    const { say, sent, clock } = outboxOf(1);
    say(commands.Watch);
    say(commands.Unwatch);
    await settled();
    await clock.advance(2000);
    await settled();
    expect(sent).toEqual(['Unwatch']);
  });
});
