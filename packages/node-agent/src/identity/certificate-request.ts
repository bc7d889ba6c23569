import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { der } from './der.ts';

const commonName = '2.5.4.3';
const ecdsaWithSha256 = '1.2.840.10045.4.3.2';

/** A fresh ECDSA P-256 key, PKCS #8 in PEM. */
export function newPrivateKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string;
}

/**
 * A certificate request (PKCS #10, RFC 2986) in PEM. Servers take only the key from it and the proof that we hold its private half; the name
 * in the subject is for people who look at it.
 */
export function certificateRequest(privateKeyPem: string, name: string): string {
  const privateKey = createPrivateKey(privateKeyPem);
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const subject = der.sequence(der.set(der.sequence(der.objectId(commonName), der.text(name))));
  const info = der.sequence(der.zero(), subject, publicKey, der.context(0));
  const signature = sign('sha256', info, privateKey);
  const request = der.sequence(info, der.sequence(der.objectId(ecdsaWithSha256)), der.bits(signature));
  const lines =
    Buffer.from(request)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE REQUEST-----', ...lines, '-----END CERTIFICATE REQUEST-----', ''].join('\n');
}
