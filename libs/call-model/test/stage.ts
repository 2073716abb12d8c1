/** A stage with three people at their devices, and what the audience can see. */
import type { CallID, GatewayMessage } from '@switchboard/protocol';
import { expect } from 'vitest';
import type { CallState, Policy } from '../src/index.ts';
import type { Login } from './clients.ts';
import { Story } from './story.ts';
import { World } from './world.ts';

export class Stage {
  readonly world: World;
  readonly story: Story;

  constructor(
    devices: readonly string[] = ['anna.1', 'ben.1', 'cleo.1'],
    { policy = {}, ...login }: { policy?: Partial<Policy> } & Pick<Login, 'seed' | 'plain'> = {},
  ) {
    this.world = new World(policy);
    this.story = new Story(this.world);
    for (const name of devices) this.story.attach(name, { ...login, gateway: name.endsWith('2') ? 'g2' : 'g1' });
    this.world.settle();
    this.world.told.length = 0;
  }

  /** One move, and all that follows from it. */
  do(move: (story: Story) => unknown): void {
    move(this.story);
    this.world.settle();
  }

  /** Its socket breaks, and the client comes back, on another gateway. */
  comesBack(name: string, login: Login = {}): void {
    this.do((story) => {
      story.close(name);
    });
    this.do((story) => {
      story.attach(name, { gateway: 'g3', ...login });
    });
  }

  /** What a device was told, in short. */
  told(name: string): string[] {
    return this.messages(name).map(short);
  }

  messages(name: string): GatewayMessage[] {
    return this.world.told.filter(({ to }) => to === name).map(({ message }) => message);
  }

  line(name: string): string {
    const state = this.world.states.get(`line:${name}`);
    return state?.kind === 'line' ? (state.engaged?.kind ?? 'free') : 'offline';
  }

  lines(): string[] {
    return ['anna', 'ben'].map((name) => this.line(name));
  }

  call(callID: CallID): CallState | undefined {
    const state = this.world.states.get(`call:${callID}`);
    return state?.kind === 'call' ? state : undefined;
  }

  phase(callID: CallID): string | undefined {
    return this.call(callID)?.phase;
  }

  ending(callID: CallID): { reason: string; endedBy: string; phase: string } | undefined {
    const state = this.call(callID);
    return state?.phase === 'ended' ? state.ending : undefined;
  }

  /** Anna calls Ben, and his first device rings. */
  ring(): CallID {
    const callID = this.story.place('anna.1', 'ben');
    this.world.settle();
    this.do((story) => {
      story.ringing('ben.1', callID);
    });
    return callID;
  }

  /** Ben has accepted, and no media is there yet. */
  connecting(): CallID {
    this.world.workers.media = 'is silent';
    const callID = this.ring();
    this.do((story) => {
      story.accept('ben.1', callID);
    });
    return callID;
  }

  connect(): CallID {
    const callID = this.ring();
    this.do((story) => {
      story.accept('ben.1', callID);
    });
    return callID;
  }

  expectOver(callID: CallID, reason: string, endedBy: string, phase: string): void {
    expect(this.ending(callID)).toEqual({ reason, endedBy, phase });
    for (const line of this.lines()) expect(['free', 'offline']).toContain(line);
    expect(this.world.workers.pipelines.size).toBe(0);
  }

  /** The call goes on, or comes to life, with both parties in it. */
  expectConnected(callID: CallID): void {
    expect(this.phase(callID)).toBe('connected');
    expect(new Set(this.lines())).toEqual(new Set(['caller', 'callee']));
    const [pipeline] = this.world.workers.pipelines.values();
    const legs = Object.values(pipeline?.legs ?? {});
    expect(legs.length).toBe(2);
    expect(pipeline?.connected).toEqual(expect.arrayContaining(legs));
    for (const leg of legs) expect(this.world.gateways.hasAnswer(leg)).toBe(true);
  }
}

export function short(message: GatewayMessage): string {
  switch (message.type) {
    case 'Progress':
      return message.phase;
    case 'Ended':
      return `ended:${message.reason}/${message.endedBy}/${message.phase}`;
    case 'PeerState':
      return message.state;
    default:
      return message.type;
  }
}
