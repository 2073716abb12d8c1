/** Workers, as far as the model sees them: they answer legs, connect them, and gather one candidate for each if asked to. */
import type { Candidate, LegOwner, WorkerID, WorkerMessage } from '@switchboard/protocol';
import type { Stage } from './stage.ts';

type Message<T extends WorkerMessage['type']> = Extract<WorkerMessage, { type: T }>;
type Leg = Message<'PrepareLeg'> & { connected: boolean };

export const CANDIDATE: Candidate = {
  candidate: 'candidate:1 1 udp 2130706431 192.0.2.1 40000 typ host',
  sdpMid: '0',
  sdpMLineIndex: 0,
};

export class Workers {
  names = ['w1', 'w2'] as WorkerID[];
  /** What a worker does with a leg. */
  media: 'answers' | 'fails' | 'is full' | 'is silent' = 'answers';
  gathers = false;
  private readonly stage: Stage;
  private readonly legs = new Map<string, Leg>();
  private readonly joined = new Set<string>();

  constructor(stage: Stage) {
    this.stage = stage;
  }

  choose(exclude: readonly WorkerID[]): WorkerID | undefined {
    return this.names.find((name) => !exclude.includes(name) && !this.stage.isDead(name));
  }

  take(workerID: WorkerID, message: WorkerMessage): void {
    switch (message.type) {
      case 'PrepareLeg':
        return this.prepare(workerID, message);
      case 'JoinLegs':
        this.joined.add(pipeline(message));
        return this.connect(workerID, message);
      case 'MoveLeg':
        return this.gather(workerID, message);
      case 'ReleaseCall': {
        const { callID, attempt } = message;
        return this.stage.sendCommand(workerID, { type: 'AttemptReleased', callID, attempt, workerID });
      }
      case 'RemoteCandidate':
      case 'Reconcile':
        return;
      default:
        return message satisfies never;
    }
  }

  private prepare(workerID: WorkerID, message: Message<'PrepareLeg'>): void {
    const { callID, attempt, legID, party } = message;
    const base = { callID, attempt, workerID };
    if (this.media === 'fails')
      this.stage.sendCommand(workerID, { type: 'MediaFailed', ...base, cause: 'setup_failed' });
    if (this.media === 'is full')
      this.stage.sendCommand(workerID, { type: 'MediaFailed', ...base, cause: 'no_capacity' });
    if (this.media !== 'answers') return;
    this.legs.set(`${pipeline(message)} ${party}`, { ...message, connected: false });
    this.stage.sendCommand(workerID, { type: 'LegAnswered', ...base, legID });
    this.gather(workerID, message);
    if (this.joined.has(pipeline(message))) this.connect(workerID, message);
  }

  private connect(workerID: WorkerID, named: { callID: string; attempt: number }): void {
    for (const leg of this.legs.values()) {
      if (leg.connected || pipeline(leg) !== pipeline(named)) continue;
      leg.connected = true;
      const { callID, attempt, legID } = leg;
      this.stage.sendCommand(workerID, { type: 'LegConnected', callID, attempt, workerID, legID });
    }
  }

  private gather(workerID: WorkerID, leg: Pick<Leg, 'callID' | 'attempt' | 'legID'> & { owner: LegOwner }): void {
    if (!this.gathers) return;
    const { callID, attempt, legID, owner } = leg;
    const { gateway, session, connection } = owner;
    const message = {
      type: 'LocalCandidate',
      session,
      connection,
      callID,
      attempt,
      legID,
      candidate: CANDIDATE,
    } as const;
    this.stage.sendToGateway(workerID, gateway, message);
  }
}

const pipeline = ({ callID, attempt }: { callID: string; attempt: number }): string => `${callID}/${String(attempt)}`;
