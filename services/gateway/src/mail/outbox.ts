/**
 * Sends what sessions have to say: commands to partitions, candidates to workers.
 *
 * A command is *prompt* (a call, an accept, a ringing, a new offer: worthless later, so it is given up after a while), *kept*
 * (it waits for the log, but is given back if that refuses it: its sender says it again), or *owed* (a hang-up, a closed
 * socket, a watch, a resume: it must arrive, however late). What begins something new is refused at once when the log has no
 * memory left but its reserve, which is for what goes on. Invariants: whoever asked hears within `acknowledgeMs` if his
 * command is not in the log yet, and never twice; no watch comes after what was said later of the same user.
 */
import { isTemporary, LogError, type Address, type Clock, type Mail, type Sender } from '@switchboard/event-log';
import {
  isLineCommand,
  partitionOfCall,
  partitionOfUser,
  type UserID,
  type WorkerID,
  type WorkerMessage,
} from '@switchboard/protocol';
import type { CommandAction, Failure, GatewayCommand } from '../session/actions.ts';

export interface OutboxOptions {
  readonly sender: Pick<Sender, 'send'>;
  readonly clock: Clock;
  readonly partitions: number;
  /** Default 2000. */
  readonly acknowledgeMs?: number;
}

export type OnFailure = (command: GatewayCommand, how: Failure) => void;
export type WorkerMail = Extract<WorkerMessage, { type: 'RemoteCandidate' }>;

type Duty = 'prompt' | 'kept' | 'owed';
const DUTY: Readonly<Record<GatewayCommand['type'], Duty>> = {
  Place: 'prompt',
  Accept: 'prompt',
  DeviceRinging: 'prompt',
  Renegotiate: 'prompt',
  AttachDevice: 'kept',
  SetPresence: 'kept',
  ShowMedia: 'kept',
  Stop: 'owed',
  Decline: 'owed',
  DeviceHere: 'owed',
  CloseSocket: 'owed',
  PartyHere: 'owed',
  Watch: 'owed',
  Unwatch: 'owed',
};
const RETRY_MS = 500;
const CANDIDATE_EXPIRES_MS = 10_000;

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #acknowledgeMs: number;
  readonly #watches = new Watches();

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#acknowledgeMs = options.acknowledgeMs ?? 2000;
  }

  command({ command, blobs }: CommandAction, onFailure: OnFailure): void {
    const mail = { body: JSON.stringify(command), ...(blobs === undefined ? {} : { blobs }) };
    const fail = once((how: Failure) => onFailure(command, how));
    const to = this.#target(command);
    if (DUTY[command.type] === 'prompt') {
      const options = { expiresMs: this.#acknowledgeMs, refusable: isNew(command) };
      void this.#options.sender.send(to, mail, options).catch((error: unknown) => {
        fail(outcomeOf(error));
      });
      return;
    }
    const cancel = this.#options.clock.timer(this.#acknowledgeMs, () => fail('unknown'));
    this.#watches.begin(command);
    void this.#keepSending(command, to, mail)
      .catch((error: unknown) => fail(outcomeOf(error)))
      .finally(() => {
        cancel();
        this.#watches.end(command);
      });
  }

  candidate(worker: WorkerID, message: WorkerMail): void {
    const mail = { body: JSON.stringify(message) };
    const to = { kind: 'process', id: worker } as const;
    // A candidate that cannot be sent is one path fewer: the call's own deadlines see to the rest.
    void this.#options.sender.send(to, mail, { expiresMs: CANDIDATE_EXPIRES_MS }).catch(() => undefined);
  }

  #target(command: GatewayCommand): Address {
    const partition = isLineCommand(command)
      ? partitionOfUser(command.userID, this.#options.partitions)
      : partitionOfCall(command.callID);
    return { kind: 'partition', partition };
  }

  async #keepSending(command: GatewayCommand, to: Address, mail: Mail): Promise<void> {
    const { sender, clock } = this.#options;
    do {
      try {
        await sender.send(to, mail, { refusable: isNew(command) });
        return;
      } catch (error) {
        if (DUTY[command.type] !== 'owed' || !isTemporary(error)) throw error;
      }
      await new Promise<void>((resolve) => clock.timer(RETRY_MS, resolve));
    } while (this.#watches.isDue(command));
  }
}

/** Watches that are on their way. One that was refused is void as soon as something else was said of that user. */
class Watches {
  readonly #latest = new Map<UserID, GatewayCommand>();

  begin(command: GatewayCommand): void {
    if (isWatch(command)) this.#latest.set(command.userID, command);
  }

  isDue(command: GatewayCommand): boolean {
    return !isWatch(command) || this.#latest.get(command.userID) === command;
  }

  end(command: GatewayCommand): void {
    if (isWatch(command) && this.isDue(command)) this.#latest.delete(command.userID);
  }
}

/** A call, or a session; one that is resumed may be in a call. */
const isNew = (command: GatewayCommand): boolean =>
  command.type === 'Place' || (command.type === 'AttachDevice' && command.resume === undefined);

const isWatch = ({ type }: GatewayCommand): boolean => type === 'Watch' || type === 'Unwatch';

/** After a `timeout` the message may be in the log nevertheless; every other error says that it is not. */
function outcomeOf(error: unknown): Failure {
  return error instanceof LogError && error.code === 'timeout' ? 'unknown' : 'refused';
}

function once<T>(fn: (value: T) => void): (value: T) => void {
  let done = false;
  return (value) => {
    if (!done) fn(value);
    done = true;
  };
}
