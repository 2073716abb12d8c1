/**
 * Sends what sessions have to say: commands to partitions, candidates to workers.
 *
 * A command is either *prompt* (a call, an accept, a ringing: worthless later, so it is given up after a while) or *owed*
 * (a login, a hang-up, a closed socket: it must arrive, however late). Invariant: whoever asked hears within
 * `acknowledgeMs` if his command is not in the log yet, and never twice.
 */
import { isTemporary, LogError, type Address, type Clock, type Sender } from '@switchboard/event-log';
import { partitionOfCall, partitionOfUser, type WorkerID, type WorkerMessage } from '@switchboard/protocol';
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

/** A login is owed too, but one that is refused at once is given back: its user can try again. */
const OWED = new Set<GatewayCommand['type']>(['Stop', 'Decline', 'CloseSocket']);
const KEPT = new Set<GatewayCommand['type']>([...OWED, 'AttachDevice']);
const RETRY_MS = 500;
const CANDIDATE_EXPIRES_MS = 10_000;

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #acknowledgeMs: number;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#acknowledgeMs = options.acknowledgeMs ?? 2000;
  }

  command({ command, blobs }: CommandAction, onFailure: OnFailure): void {
    const mail = { body: JSON.stringify(command), ...(blobs === undefined ? {} : { blobs }) };
    const fail = once((how: Failure) => onFailure(command, how));
    const to = this.#target(command);
    if (!KEPT.has(command.type)) {
      void this.#options.sender.send(to, mail, { expiresMs: this.#acknowledgeMs }).catch((error: unknown) => {
        fail(outcomeOf(error));
      });
      return;
    }
    const cancel = this.#options.clock.timer(this.#acknowledgeMs, () => fail('unknown'));
    void this.#keepSending(to, mail, OWED.has(command.type))
      .catch((error: unknown) => fail(outcomeOf(error)))
      .finally(cancel);
  }

  candidate(worker: WorkerID, message: WorkerMail): void {
    const mail = { body: JSON.stringify(message) };
    const to = { kind: 'process', id: worker } as const;
    // A candidate that cannot be sent is one path fewer: the call's own deadlines see to the rest.
    void this.#options.sender.send(to, mail, { expiresMs: CANDIDATE_EXPIRES_MS }).catch(() => undefined);
  }

  #target(command: GatewayCommand): Address {
    const ofCall = command.type === 'Accept' || command.type === 'DeviceRinging';
    const partition = ofCall
      ? partitionOfCall(command.callID)
      : partitionOfUser(command.userID, this.#options.partitions);
    return { kind: 'partition', partition };
  }

  async #keepSending(to: Address, mail: { body: string }, owed: boolean): Promise<void> {
    const { sender, clock } = this.#options;
    for (;;) {
      try {
        await sender.send(to, mail);
        return;
      } catch (error) {
        if (!owed || !isTemporary(error)) throw error;
      }
      await new Promise<void>((resolve) => clock.timer(RETRY_MS, resolve));
    }
  }
}

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
