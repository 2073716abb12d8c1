/** Which of the endpoints that an earlier life of this worker left are whose. */
import type { Role } from '@switchboard/protocol';
import type { FoundEndpoint } from '../kurento/port.ts';
import { readLegTags, type LegTags } from './tags.ts';

interface FoundLeg {
  readonly tags: LegTags;
  readonly endpoint: FoundEndpoint;
}

/** The newest first: a leg is older than those whose tags say that they replaced it. */
export function legsOf(party: Role, endpoints: readonly FoundEndpoint[]): readonly FoundLeg[] {
  const legs = endpoints.flatMap((endpoint): FoundLeg[] => {
    const tags = readLegTags(endpoint.tags);
    return tags?.party === party ? [{ tags, endpoint }] : [];
  });
  const newer = ({ tags }: FoundLeg) => legs.filter((other) => other.tags.replaced.includes(tags.legID)).length;
  return [...legs].sort((a, b) => newer(a) - newer(b));
}
