/** Checks a JWT with jose: HS256 by a shared secret, or asymmetric algorithms by the keys behind a JWKS URL. */
import type { Secret } from '@switchboard/service-kit';
import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyOptions } from 'jose';
import type { Verdict, VerifyToken } from './verifier.ts';

export interface JwtRules {
  readonly keys: { readonly secret: Secret } | { readonly jwksUrl: string };
  readonly issuer: string;
  readonly audience: string;
}

const ASYMMETRIC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const CLOCK_TOLERANCE_S = 5;
const JWKS_TIMEOUT_MS = 5000;

export function createJwtVerifier({ keys, issuer, audience }: JwtRules): VerifyToken {
  const rules: JWTVerifyOptions = {
    issuer,
    audience,
    requiredClaims: ['exp', 'sub'],
    clockTolerance: CLOCK_TOLERANCE_S,
    algorithms: 'secret' in keys ? ['HS256'] : ASYMMETRIC,
  };
  const check = 'secret' in keys ? bySecret(keys.secret, rules) : byKeySet(keys.jwksUrl, rules);
  return async (token) => {
    try {
      const { sub } = (await check(token.reveal())).payload;
      if (sub === undefined || sub === '') return { kind: 'refused', why: 'the token has no sub' };
      return { kind: 'valid', subject: sub };
    } catch (error) {
      return verdictOf(error);
    }
  };
}

function bySecret(secret: Secret, rules: JWTVerifyOptions) {
  const key = new TextEncoder().encode(secret.reveal());
  return (token: string) => jwtVerify(token, key, rules);
}

function byKeySet(url: string, rules: JWTVerifyOptions) {
  const keySet = createRemoteJWKSet(new URL(url), { timeoutDuration: JWKS_TIMEOUT_MS });
  return (token: string) => jwtVerify(token, keySet, rules);
}

/** Whatever is no fault of the token comes from fetching the keys. */
function verdictOf(error: unknown): Verdict {
  if (error instanceof errors.JWTExpired) return { kind: 'refused', why: 'the token has expired' };
  if (error instanceof errors.JWTClaimValidationFailed) {
    return { kind: 'refused', why: `the token's ${error.claim} is not accepted` };
  }
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || !isTokensFault(error)) {
    return { kind: 'unavailable', why: 'the keys that tokens are checked with cannot be fetched' };
  }
  return { kind: 'refused', why: 'the token is not valid' };
}

/** jose throws its bare JOSEError when the key server answers with anything but 200. */
function isTokensFault(error: unknown): boolean {
  return error instanceof errors.JOSEError && error.code !== errors.JOSEError.code;
}
