/**
 * What is written on pipelines and endpoints, so that a worker that starts anew knows its own, what they are for, and what it was
 * told of them.
 */
import { z } from 'zod';
import {
  callID,
  candidate,
  legID,
  legOwner,
  role,
  type Candidate,
  type LegID,
  type LegOwner,
  type Role,
} from '@switchboard/protocol';
import type { Tags } from '../kurento/port.ts';
import type { AttemptName } from './outbox.ts';

const pipelineTags = z.object({
  callID,
  attempt: z.coerce.number().int().min(1),
  joined: z.literal('true').optional(),
  bridge: z.string().optional(),
});
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
const candidateTag = json.pipe(candidate);
const CANDIDATE = 'candidate:';

export interface PipelineTags extends AttemptName {
  /** The callee accepted. */
  readonly joined: boolean;
  /** Which endpoints are connected to each other (`bridgeName`). */
  readonly bridge: string | undefined;
}

export interface LegTags {
  readonly party: Role;
  readonly legID: LegID;
  readonly owner: LegOwner;
  /** Earlier legs of this party, the oldest first. */
  readonly replaced: readonly LegID[];
}

type Ends = Readonly<Record<Role, { readonly id: string }>>;

/** @param worker names this worker in its cluster */
export function tagsOfPipeline(worker: string, { callID, attempt }: AttemptName): Tags {
  return { switchboard: worker, callID, attempt: String(attempt) };
}

/** The callee accepted, but no pair is ready to be connected. */
export const JOINED: Tags = { joined: 'true' };

/** Names a pair of endpoints. */
export function bridgeName({ caller, callee }: Ends): string {
  return `${caller.id} ${callee.id}`;
}

export function tagsOfBridge(pair: Ends): Tags {
  return { ...JOINED, bridge: bridgeName(pair) };
}

export function tagsOfLeg(pipeline: Tags, { party, legID, owner, replaced }: LegTags): Tags {
  const earlier: Tags = replaced.length > 0 ? { replaced: JSON.stringify(replaced) } : {};
  return { ...pipeline, party, legID, ...tagsOfOwner(owner), ...earlier };
}

export function tagsOfOwner(owner: LegOwner): Tags {
  return { owner: JSON.stringify(owner) };
}

/** @param from the number of the first of them among those of its leg */
export function tagsOfCandidates(from: number, candidates: readonly Candidate[]): Tags {
  return Object.fromEntries(
    candidates.map((one, index) => [`${CANDIDATE}${String(from + index)}`, JSON.stringify(one)]),
  );
}

export function isTaggedBy(worker: string, tags: Tags): boolean {
  return tags['switchboard'] === worker;
}

/** Undefined: nobody can tell what it is. */
export function readPipelineTags(tags: Tags): PipelineTags | undefined {
  const { data } = pipelineTags.safeParse(tags);
  return data && { ...data, joined: data.joined === 'true', bridge: data.bridge };
}

export function readLegTags(tags: Tags): LegTags | undefined {
  return legTags.safeParse(tags).data;
}

/** Candidates of the party that waited for the accept, in order. */
export function readCandidateTags(tags: Tags): readonly Candidate[] {
  return Object.entries(tags)
    .filter(([key]) => key.startsWith(CANDIDATE))
    .map(([key, text]) => ({ at: Number(key.slice(CANDIDATE.length)), candidate: candidateTag.safeParse(text).data }))
    .sort((a, b) => a.at - b.at)
    .flatMap(({ candidate }) => candidate ?? []);
}
