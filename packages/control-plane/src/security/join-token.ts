import { createHash, timingSafeEqual } from 'node:crypto';
import type { World } from '@berth/world';

export type TokenRole = 'server' | 'agent';

/** The parts of `berth1.<role>.<id>.<secret>.<ca-hash>`; see docs/join-protocol.md. */
export interface JoinToken {
  readonly role: TokenRole;
  readonly id: string;
  readonly secret: string;
  /** SHA-256 of the CA certificate in DER, lower-case hexadecimal. */
  readonly caHash: string;
}

const pattern = /^berth1\.(server|agent)\.([a-z0-9]{10})\.([0-9a-f]{32})\.([0-9a-f]{64})$/;
const idAlphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

export function createJoinToken(world: World, role: TokenRole, caHash: string): JoinToken {
  const id = Array.from({ length: 10 }, () => idAlphabet[world.random.integer(idAlphabet.length)]).join('');
  return { role, id, secret: Buffer.from(world.random.bytes(16)).toString('hex'), caHash };
}

export function printJoinToken(token: JoinToken): string {
  return `berth1.${token.role}.${token.id}.${token.secret}.${token.caHash}`;
}

/** Undefined for anything that is not a token; never says which part was wrong, as the text may be a secret. */
export function parseJoinToken(text: string): JoinToken | undefined {
  const [, role, id, secret, caHash] = pattern.exec(text.trim()) ?? [];
  if (role === undefined || id === undefined || secret === undefined || caHash === undefined) return undefined;
  return { role: role as TokenRole, id, secret, caHash };
}

/** What servers keep of a secret. Its 128 random bits need no salt and no slow hash. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** In constant time: an answer's delay tells nothing about the stored hash. */
export function secretMatches(secret: string, storedHash: string): boolean {
  const given = Buffer.from(secretHash(secret), 'hex');
  const stored = Buffer.from(storedHash, 'hex');
  return given.length === stored.length && timingSafeEqual(given, stored);
}
