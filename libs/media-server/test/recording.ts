/** Reads tests/fixtures/kms-wire, and translates recorded ids into those of a running server. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface RecordedFrame {
  readonly conn: number;
  readonly dir: 'open' | 'C->S' | 'S->C' | 'C close' | 'S close';
  /** The frame; of `close` the code. */
  readonly frame: string;
}

const FOLDER = fileURLToPath(new URL('../../../tests/fixtures/kms-wire/', import.meta.url));

export function readRecording(file: string): RecordedFrame[] {
  const lines = readFileSync(FOLDER + file, 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as RecordedFrame);
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Recorded UUIDs and the running server's: object ids are made of them, so mapping these maps all. */
export class IdMap {
  readonly #ours = new Map<string, string>();

  /** Learns from two answers to the same request, walking them side by side. */
  learn(recorded: unknown, ours: unknown): void {
    if (typeof recorded === 'string' && typeof ours === 'string') {
      const theirs = ours.match(UUID) ?? [];
      (recorded.match(UUID) ?? []).forEach((uuid, index) => {
        const mine = theirs[index];
        if (mine !== undefined && !this.#ours.has(uuid)) this.#ours.set(uuid, mine);
      });
    } else if (typeof recorded === 'object' && recorded && typeof ours === 'object' && ours) {
      if (Array.isArray(recorded) && recorded.length !== (ours as unknown[]).length) return;
      for (const [key, value] of Object.entries(recorded)) this.learn(value, (ours as Record<string, unknown>)[key]);
    }
  }

  translate(text: string): string {
    return text.replace(UUID, (uuid) => this.#ours.get(uuid) ?? uuid);
  }
}
