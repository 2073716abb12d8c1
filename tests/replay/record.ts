/** Plays every story and writes down its events: `node scripts/docs.mjs --record v2`. Never over what is recorded already. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { played } from '../docs/flows/index.ts';
import { stored } from './recording.ts';
import { STORIES } from './stories.ts';

/** @returns how many files were written to `folder`/`version` */
export function record(folder: string, version: string): number {
  if (!/^v\d+$/.test(version)) throw new Error('Name a version: --record v2');
  const target = `${folder}/${version}`;
  if (existsSync(target))
    throw new Error(`${target} is recorded already, and recordings are never changed (tests/replay/README.md)`);
  const files = STORIES.map((story) => {
    const lines = played(story).events.map(({ key, event, state }) =>
      JSON.stringify({ key, event, state: stored(state) }),
    );
    return { name: fileName(story.title), text: `${lines.join('\n')}\n` };
  });
  mkdirSync(target, { recursive: true });
  for (const { name, text } of files) writeFileSync(`${target}/${name}`, text);
  return files.length;
}

const fileName = (title: string): string => `${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.jsonl`;
