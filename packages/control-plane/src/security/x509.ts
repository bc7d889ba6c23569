// The one place that knows the X.509 library. It needs `reflect-metadata` before it is loaded, and it finds a
// request's subject alternative names by OID only; nothing of a request but its key is used here anyway.
import 'reflect-metadata';
import { createHash, createPublicKey, KeyObject, type webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type { World } from '@berth/world';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type GeneralNameType,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const curve = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signature = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** Before the present, so that a machine whose clock is a little behind accepts the certificate. */
const backdateMs = 5 * 60_000;

export interface KeyPairPem {
  /** PKCS #8. */
  readonly privateKey: string;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: string;
}

/** Everything a certificate says; nothing is ever copied from a request. */
export interface CertificateProfile {
  readonly organization: string | undefined;
  readonly commonName: string;
  readonly usages: readonly ('serverAuth' | 'clientAuth')[];
  /** DNS names and IP addresses. */
  readonly alternativeNames: readonly string[];
  readonly lifetimeMs: number;
}

export interface Issuer {
  readonly certificate: string;
  readonly privateKey: string;
}

/** A new ECDSA P-256 key. */
export async function generateKeyPair(): Promise<KeyPairPem> {
  const pair = await crypto.subtle.generateKey(curve, true, ['sign', 'verify']);
  return {
    privateKey: KeyObject.from(pair.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: KeyObject.from(pair.publicKey).export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** The pair of a private key that was kept. Throws when the text holds none. */
export function keyPairOf(privateKeyPem: string): KeyPairPem {
  const publicKey = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'pem' }).toString();
  return { privateKey: privateKeyPem, publicKey };
}

/** A self-signed authority that may sign leaf certificates and no further authority. */
export async function createAuthorityCertificate(
  world: World,
  keys: KeyPairPem,
  options: { readonly commonName: string; readonly lifetimeMs: number },
): Promise<string> {
  const publicKey = await importPublicKey(keys.publicKey);
  const now = world.clock.wallMs();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(world),
    name: subject(undefined, options.commonName),
    notBefore: new Date(now - backdateMs),
    notAfter: new Date(now + options.lifetimeMs),
    signingAlgorithm: signature,
    keys: { privateKey: await importPrivateKey(keys.privateKey), publicKey },
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return certificate.toString('pem');
}

/** Signs a leaf certificate for `publicKey` (SubjectPublicKeyInfo, PEM). */
export async function issueCertificate(
  world: World,
  issuer: Issuer,
  publicKeyPem: string,
  profile: CertificateProfile,
): Promise<string> {
  const publicKey = await importPublicKey(publicKeyPem);
  const authority = new X509Certificate(issuer.certificate);
  const now = world.clock.wallMs();
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(world),
    issuer: authority.subject,
    subject: subject(profile.organization, profile.commonName),
    notBefore: new Date(now - backdateMs),
    notAfter: new Date(now + profile.lifetimeMs),
    signingAlgorithm: signature,
    publicKey,
    signingKey: await importPrivateKey(issuer.privateKey),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension(profile.usages.map((usage) => ExtendedKeyUsage[usage])),
      await AuthorityKeyIdentifierExtension.create(authority),
      await SubjectKeyIdentifierExtension.create(publicKey),
      ...(profile.alternativeNames.length > 0
        ? [new SubjectAlternativeNameExtension(profile.alternativeNames.map(generalName))]
        : []),
    ],
  });
  return certificate.toString('pem');
}

/** A PKCS #10 request; the name in it is for human eyes only, as no issuer of ours reads it. */
export async function createCertificateRequest(keys: KeyPairPem, commonName: string): Promise<string> {
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: subject(undefined, commonName),
    keys: { privateKey: await importPrivateKey(keys.privateKey), publicKey: await importPublicKey(keys.publicKey) },
    signingAlgorithm: signature,
  });
  return request.toString('pem');
}

/**
 * The public key (SubjectPublicKeyInfo, PEM) of a request whose sender has proved to own the private one.
 * Throws an `Error` with a sentence for the sender otherwise.
 */
export async function publicKeyOfRequest(requestPem: string): Promise<string> {
  const request = parseRequest(requestPem);
  const key = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' });
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new Error('the certificate request must be for an ECDSA P-256 key');
  if (!(await request.verify())) throw new Error('the certificate request is not signed by its own key');
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

/** SHA-256 over the SubjectPublicKeyInfo in DER, lower-case hexadecimal. */
export function publicKeyHash(publicKeyPem: string): string {
  return createHash('sha256')
    .update(createPublicKey(publicKeyPem).export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

function parseRequest(requestPem: string): Pkcs10CertificateRequest {
  try {
    return new Pkcs10CertificateRequest(requestPem);
  } catch (error) {
    throw new Error('the certificate request must be PKCS #10 in PEM', { cause: error });
  }
}

function subject(organization: string | undefined, commonName: string): JsonName {
  return [...(organization === undefined ? [] : [{ O: [organization] }]), { CN: [commonName] }];
}

function generalName(name: string): { readonly type: GeneralNameType; readonly value: string } {
  return { type: isIP(name) === 0 ? 'dns' : 'ip', value: name };
}

/** 128 random bits (RFC 5280 asks for a positive number of at most 20 bytes). */
function serialNumber(world: World): string {
  const bytes = world.random.bytes(16);
  return `00${Buffer.from(bytes).toString('hex')}`;
}

function importPrivateKey(pem: string): Promise<webcrypto.CryptoKey> {
  return crypto.subtle.importKey('pkcs8', derOfPem(pem), curve, false, ['sign']);
}

function importPublicKey(pem: string): Promise<webcrypto.CryptoKey> {
  return crypto.subtle.importKey('spki', derOfPem(pem), curve, true, ['verify']);
}

function derOfPem(pem: string): Uint8Array<ArrayBuffer> {
  const body = pem.replaceAll(/-----[A-Z ]+-----/g, '').replaceAll(/\s/g, '');
  return new Uint8Array(Buffer.from(body, 'base64'));
}
