/** A stage with three people at their devices, and what the audience can see. */
import type { CallID, GatewayMessage } from '@switchboard/protocol';
import { expect } from 'vitest';
import { Story } from './story.ts';
import { World } from './world.ts';

export class Stage {
  readonly world = new World();
  readonly story = new Story(this.world);

  constructor(devices: readonly string[] = ['anna.1', 'ben.1', 'cleo.1']) {
    for (const name of devices) this.story.attach(name);
    this.world.settle();
    this.world.told.length = 0;
  }

  /** What a device was told, in short. */
  told(name: string): string[] {
    return this.world.told.filter(({ to }) => to === name).map(({ message }) => short(message));
  }

  line(name: string): string {
    const state = this.world.states.get(`line:${name}`);
    return state?.kind === 'line' ? (state.engaged?.kind ?? 'free') : 'offline';
  }

  lines(): string[] {
    return ['anna', 'ben'].map((name) => this.line(name));
  }

  ending(callID: CallID): { reason: string; endedBy: string; phase: string } | undefined {
    const state = this.world.states.get(`call:${callID}`);
    return state?.kind === 'call' && state.phase === 'ended' ? state.ending : undefined;
  }

  /** Anna calls Ben, and his first device rings. */
  ring(): CallID {
    const callID = this.story.place('anna.1', 'ben');
    this.world.settle();
    this.story.ringing('ben.1', callID);
    this.world.settle();
    return callID;
  }

  connect(): CallID {
    const callID = this.ring();
    this.story.accept('ben.1', callID);
    this.world.settle();
    return callID;
  }

  expectOver(callID: CallID, reason: string, endedBy: string, phase: string): void {
    expect(this.ending(callID)).toEqual({ reason, endedBy, phase });
    for (const line of this.lines()) expect(['free', 'offline']).toContain(line);
    expect(this.world.pipelines.size).toBe(0);
  }
}

function short(message: GatewayMessage): string {
  switch (message.type) {
    case 'Progress':
      return message.phase;
    case 'Ended':
      return `ended:${message.reason}/${message.endedBy}/${message.phase}`;
    default:
      return message.type;
  }
}
