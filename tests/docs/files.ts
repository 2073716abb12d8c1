/** The generated documents: where they lie and what is in them, formatted as the repository formats everything. */
import { format, resolveConfig } from 'prettier';
import { asyncapiDocument } from './asyncapi/document.ts';
import { flowsDocument } from './flows/document.ts';
import { statesDocument } from './states/document.ts';

const DOCUMENTS: Record<string, () => string> = {
  'docs/protocol/asyncapi.json': asyncapiDocument,
  'docs/protocol/flows.md': flowsDocument,
  'docs/protocol/states.md': statesDocument,
};

/** @returns path, relative to the root, to text */
export async function generate(root: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const [path, write] of Object.entries(DOCUMENTS)) {
    const filepath = `${root}/${path}`;
    files.set(path, await format(write(), { ...(await resolveConfig(filepath)), filepath }));
  }
  return files;
}
