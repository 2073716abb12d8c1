/** Who may log in as whom. `AUTH=open`: anyone; `AUTH=jwt`: whoever brings tokens that all name that user. */
import type { Secret } from '@switchboard/service-kit';
import type { UserID } from '@switchboard/protocol';

/** `refused.why` is told to the client: it says what is wrong with the token, never what a right one would hold. */
export type Verdict =
  | { readonly kind: 'valid'; readonly subject: string }
  | { readonly kind: 'refused'; readonly why: string }
  /** The keys could not be fetched: nobody's fault here, later it may work. */
  | { readonly kind: 'unavailable'; readonly why: string };

/** Checks one token. Never rejects. */
export type VerifyToken = (token: Secret) => Promise<Verdict>;

/** Undefined: `AUTH=open`, tokens mean nothing. */
export type Verifier = VerifyToken | undefined;

export type Permission = { readonly kind: 'granted' } | Exclude<Verdict, { kind: 'valid' }>;

/** `tokens`: those of the URL and of the login message. All that are there must be valid now and name `userID`. */
export async function authorize(
  verifier: Verifier,
  userID: UserID,
  tokens: readonly (Secret | undefined)[],
): Promise<Permission> {
  if (verifier === undefined) return { kind: 'granted' };
  const given = tokens.filter((token) => token !== undefined);
  if (given.length === 0) return { kind: 'refused', why: 'a token is needed' };
  for (const token of given) {
    const verdict = await verifier(token);
    if (verdict.kind !== 'valid') return verdict;
    if (verdict.subject !== userID) return { kind: 'refused', why: 'the token is not for this userID' };
  }
  return { kind: 'granted' };
}
