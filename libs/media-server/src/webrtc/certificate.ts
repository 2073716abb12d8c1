/** The DTLS certificate of this process: one for all endpoints, as Kurento's, so that an endpoint can change its connection. */
import type { RtcConfig } from 'node-datachannel';
import { generate } from 'selfsigned';

export type DtlsCertificate = Required<Pick<RtcConfig, 'certificatePemFile' | 'keyPemFile'>>;

/** Peers check its fingerprint and nothing else (RFC 8122); despite their names both fields take the PEM itself. */
export async function makeCertificate(): Promise<DtlsCertificate> {
  const pems = await generate([{ name: 'commonName', value: 'switchboard' }], { keyType: 'ec', curve: 'P-256' });
  return { certificatePemFile: pems.cert, keyPemFile: pems.private };
}
