import { X509Certificate } from 'node:crypto';
import type { ServerDuplexStream, ServerUnaryCall, status } from '@grpc/grpc-js';
import { type Identity, identityOf, requesterOf } from '../security/identity.ts';
import { publicKeyHash } from '../security/x509.ts';

/** Who is at the other end of a call, as TLS has established it. */
export interface RpcCaller {
  readonly identity: Identity;
  readonly publicKeyHash: string;
}

type AnyCall<In, Out> = ServerDuplexStream<In, Out> | ServerUnaryCall<In, Out>;

export function callerOf<In, Out>(call: AnyCall<In, Out>): RpcCaller | undefined {
  const certificate = call.getAuthContext().sslPeerCertificate;
  if (certificate?.raw === undefined) return undefined;
  const requester = requesterOf(certificate);
  const identity = requester === undefined ? undefined : identityOf(requester);
  if (identity === undefined) return undefined;
  const { publicKey } = new X509Certificate(certificate.raw);
  return { identity, publicKeyHash: publicKeyHash(publicKey.export({ type: 'spki', format: 'pem' }).toString()) };
}

/** Ends a call with a status; grpc-js sends it when its stream emits an error. */
export function endWithStatus<In, Out>(call: ServerDuplexStream<In, Out>, code: status, details: string): void {
  if (call.destroyed || call.writableEnded) return;
  call.emit('error', { code, details });
}
