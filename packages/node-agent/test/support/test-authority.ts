import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { newPrivateKey } from '../../src/identity/certificate-request.ts';
import { der } from '../../src/identity/der.ts';

const oid = {
  commonName: '2.5.4.3',
  organisation: '2.5.4.10',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  basicConstraints: '2.5.29.19',
} as const;

export interface Issued {
  readonly certificate: string;
  readonly privateKey: string;
}

/** A certificate authority of a test, with just what TLS needs. */
export class TestAuthority {
  readonly certificate: string;
  readonly #key: KeyObject;

  constructor() {
    const privateKey = newPrivateKey();
    this.#key = createPrivateKey(privateKey);
    const subject = name('', 'test-ca');
    this.certificate = this.#sign(subject, subject, spki(privateKey), true, 3650);
  }

  issue(organisation: string, commonName: string, days = 90): Issued {
    const privateKey = newPrivateKey();
    return { privateKey, certificate: this.certify(organisation, commonName, spki(privateKey), days) };
  }

  certify(organisation: string, commonName: string, publicKey: Uint8Array, days = 90): string {
    return this.#sign(name('', 'test-ca'), name(organisation, commonName), publicKey, false, days);
  }

  #sign(issuer: Uint8Array, subject: Uint8Array, publicKey: Uint8Array, isCa: boolean, days: number): string {
    const algorithm = der.sequence(der.objectId(oid.ecdsaWithSha256));
    const constraints = der.sequence(
      der.objectId(oid.basicConstraints),
      Uint8Array.of(0x01, 0x01, 0xff),
      tagged(0x04, isCa ? der.sequence(Uint8Array.of(0x01, 0x01, 0xff)) : der.sequence()),
    );
    const nowMs = Date.now();
    const body = der.sequence(
      der.context(0, Uint8Array.of(0x02, 0x01, 0x02)),
      tagged(0x02, Uint8Array.of(0x01, ...randomBytes(15))),
      algorithm,
      issuer,
      der.sequence(time(nowMs - 300_000), time(nowMs + days * 86_400_000)),
      subject,
      publicKey,
      der.context(3, der.sequence(constraints)),
    );
    const certificate = der.sequence(body, algorithm, der.bits(sign('sha256', body, this.#key)));
    const lines =
      Buffer.from(certificate)
        .toString('base64')
        .match(/.{1,64}/g) ?? [];
    return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
  }
}

function spki(privateKeyPem: string): Uint8Array {
  return createPublicKey(createPrivateKey(privateKeyPem)).export({ type: 'spki', format: 'der' });
}

function name(organisation: string, commonName: string): Uint8Array {
  const part = (id: string, text: string) => der.set(der.sequence(der.objectId(id), der.text(text)));
  const parts = organisation === '' ? [] : [part(oid.organisation, organisation)];
  return der.sequence(...parts, part(oid.commonName, commonName));
}

function time(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return tagged(0x18, Buffer.from(`${digits}Z`));
}

function tagged(tag: number, content: Uint8Array): Uint8Array {
  if (content.length > 127) throw new Error('too long for a short length');
  return Uint8Array.of(tag, content.length, ...content);
}
