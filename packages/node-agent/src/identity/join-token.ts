/** `berth1.<role>.<id>.<secret>.<ca-hash>`, see docs/join-protocol.md. */
export interface JoinToken {
  readonly role: 'server' | 'agent';
  /** SHA-256 of the cluster's CA certificate in DER, 64 hexadecimal digits. */
  readonly caHash: string;
}

const shape = /^berth1\.(server|agent)\.[a-z0-9]{10}\.[0-9a-f]{32}\.([0-9a-f]{64})$/;

/** Undefined when the text is no join token. */
export function parseJoinToken(text: string): JoinToken | undefined {
  const parts = shape.exec(text.trim());
  if (parts === null) return undefined;
  return { role: parts[1] === 'server' ? 'server' : 'agent', caHash: parts[2] ?? '' };
}
