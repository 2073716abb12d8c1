/** What is written on pipelines and endpoints, so that a worker that starts anew knows its own and what they are for. */
import { z } from 'zod';
import { callID, legID, legOwner, type LegID, type LegOwner } from '@switchboard/protocol';
import type { Tags } from '../kurento/port.ts';
import type { AttemptName } from './outbox.ts';

const pipelineTags = z.object({ callID, attempt: z.coerce.number().int().min(1) });
const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('no JSON');
    return z.NEVER;
  }
});
const legTags = z.object({ legID, owner: json.pipe(legOwner) });

export interface LegTags {
  readonly legID: LegID;
  readonly owner: LegOwner;
}

/** @param worker names this worker in its cluster */
export function tagsOfPipeline(worker: string, { callID, attempt }: AttemptName): Tags {
  return { switchboard: worker, callID, attempt: String(attempt) };
}

export function tagsOfLeg(pipeline: Tags, { legID, owner }: LegTags): Tags {
  return { ...pipeline, legID, owner: JSON.stringify(owner) };
}

export function isTaggedBy(worker: string, tags: Tags): boolean {
  return tags['switchboard'] === worker;
}

/** Undefined: nobody can tell what it is. */
export function readPipelineTags(tags: Tags): AttemptName | undefined {
  return pipelineTags.safeParse(tags).data;
}

export function readLegTags(tags: Tags): LegTags | undefined {
  return legTags.safeParse(tags).data;
}
