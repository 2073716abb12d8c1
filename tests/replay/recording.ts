/** A recording: the events of one story in the order of the log, each with the state that its aggregate had after it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Event, State } from '@switchboard/call-model';

export interface Line {
  readonly key: string;
  readonly event: Event;
  /** Null: there is no record. */
  readonly state: State | null;
}

export interface Recording {
  readonly version: string;
  readonly name: string;
  readonly lines: readonly Line[];
}

/** All recordings under `folder`, of every version. */
export function recordings(folder: string): Recording[] {
  const versions = readdirSync(folder).filter((name) => /^v\d+$/.test(name));
  return versions.sort().flatMap((version) =>
    readdirSync(`${folder}/${version}`)
      .filter((name) => name.endsWith('.jsonl'))
      .sort()
      .map((name) => ({ version, name, lines: read(`${folder}/${version}/${name}`) })),
  );
}

const read = (file: string): Line[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Line)
    : [];

/** As it lies in the store: what is undefined is not there. */
export const stored = <T>(value: T | null | undefined): T | null =>
  value === null || value === undefined ? null : (JSON.parse(JSON.stringify(value)) as T);
