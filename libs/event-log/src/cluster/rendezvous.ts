/** Rendezvous hashing: each key ranks all IDs; when an ID comes or goes, only its own keys move. */

/** The IDs in the order in which they have a claim on `key`. */
export function rendezvous(key: string, ids: readonly string[]): string[] {
  const ranked = ids.map((id) => ({ id, weight: weight(key, id) }));
  ranked.sort((a, b) => b.weight - a.weight || (a.id < b.id ? -1 : 1));
  return ranked.map(({ id }) => id);
}

/** FNV-1a over both, then mixed well (the finisher of murmur3): plain FNV spreads short keys badly. */
function weight(key: string, id: string): number {
  let hash = 0x811c9dc5;
  const text = `${id}\n${key}`;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
