import type { PeerCertificate } from 'node:tls';
import type { Requester } from '../registry/registry.ts';

/** Whom a certificate of the cluster's authority can name. */
export type Identity =
  | { readonly kind: 'admin'; readonly name: string }
  | { readonly kind: 'server'; readonly name: string }
  | { readonly kind: 'node'; readonly name: string };

export const groups = {
  masters: 'system:masters',
  servers: 'system:servers',
  nodes: 'system:nodes',
  authenticated: 'system:authenticated',
} as const;

export const adminIdentity: Identity = { kind: 'admin', name: 'berth-admin' };

/** RFC 5280 allows 64 characters in a common name; the longest prefix below takes 14. */
const nameLengthMax = 50;

interface SubjectRule {
  readonly organization: string;
  readonly prefix: string;
}

const subjects: Readonly<Record<Identity['kind'], SubjectRule>> = {
  admin: { organization: groups.masters, prefix: '' },
  server: { organization: groups.servers, prefix: 'system:server:' },
  node: { organization: groups.nodes, prefix: 'system:node:' },
};

export interface CertificateSubject {
  readonly organization: string;
  readonly commonName: string;
}

export function subjectOf(identity: Identity): CertificateSubject {
  const rule = subjects[identity.kind];
  return { organization: rule.organization, commonName: `${rule.prefix}${identity.name}` };
}

/** Undefined for a subject that no certificate of ours has. */
export function identityOf(requester: Requester): Identity | undefined {
  for (const kind of ['server', 'node', 'admin'] as const) {
    const rule = subjects[kind];
    if (!requester.groups.includes(rule.organization)) continue;
    if (!requester.user.startsWith(rule.prefix) || requester.user.length === rule.prefix.length) continue;
    return { kind, name: requester.user.slice(rule.prefix.length) };
  }
  return undefined;
}

/**
 * User = common name, groups = organisations. Node gives an attribute that occurs once as a string and one that is
 * repeated as an array, whatever its type declarations say.
 */
export function requesterOf(certificate: Pick<PeerCertificate, 'subject'>): Requester | undefined {
  const subject = certificate.subject as unknown as Readonly<Record<string, unknown>> | undefined;
  const user = texts(subject?.['CN'])[0];
  if (user === undefined || user === '') return undefined;
  return { user, groups: [...texts(subject?.['O']), groups.authenticated] };
}

function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

const namePattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** What is wrong with a machine's name, or undefined. */
export function nameFault(name: string): string | undefined {
  if (name.length > nameLengthMax) return `name must have at most ${nameLengthMax} characters, got ${name.length}`;
  if (!namePattern.test(name))
    return `name must be lower-case letters, digits, "-" or "." and begin and end with a letter or digit, got ${JSON.stringify(name)}`;
  return undefined;
}
