/** What is written on pipelines and endpoints, so that a worker that starts anew knows its own and what they are for. */
import { z } from 'zod';
import { callID, legID, legOwner, role, type LegID, type LegOwner, type Role } from '@switchboard/protocol';
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
const legTags = z.object({
  party: role,
  legID,
  owner: json.pipe(legOwner),
  replaced: json.pipe(z.array(legID)).default([]),
});

export interface LegTags {
  readonly party: Role;
  readonly legID: LegID;
  /** As it was when the leg was made. */
  readonly owner: LegOwner;
  /** Earlier legs of this party, the oldest first. */
  readonly replaced: readonly LegID[];
}

/** @param worker names this worker in its cluster */
export function tagsOfPipeline(worker: string, { callID, attempt }: AttemptName): Tags {
  return { switchboard: worker, callID, attempt: String(attempt) };
}

export function tagsOfLeg(pipeline: Tags, { party, legID, owner, replaced }: LegTags): Tags {
  const earlier: Tags = replaced.length > 0 ? { replaced: JSON.stringify(replaced) } : {};
  return { ...pipeline, party, legID, owner: JSON.stringify(owner), ...earlier };
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
