import { type ServiceError, status } from '@grpc/grpc-js';
import { StoreError, type StoreErrorCode } from '../store-error.ts';

/** etcd tells its errors apart by their text alone; the first match wins. */
const byText: readonly (readonly [pattern: RegExp, code: StoreErrorCode])[] = [
  [/has been compacted/, 'compacted'],
  [/is a future revision/, 'future-revision'],
  [/duplicate key|key is not provided/, 'invalid'],
  [/request is too large|too many operations|larger than max/, 'too-large'],
  [/database space exceeded/, 'disk-full'],
  [/too many requests/, 'busy'],
  [/no leader|not capable|raft proposal dropped/, 'unavailable'],
];

/** A request that surely never left this process. */
const neverSent = /ECONNREFUSED|ENOTFOUND|No connection established|Name resolution failed|not connected/;

/** A read may always be tried again; a write that got no answer may have been done. */
export function storeErrorOf(error: unknown, what: 'read' | 'write'): StoreError {
  if (error instanceof StoreError) return error;
  const { code, details } = error as ServiceError;
  const text = details ?? String(error);
  const options = { cause: error };
  for (const [pattern, known] of byText) if (pattern.test(text)) return new StoreError(known, `etcd: ${text}`, options);
  if (code === status.CANCELLED) return new StoreError('closed', 'the store is shutting down', options);
  if (what === 'read' || neverSent.test(text)) return new StoreError('unavailable', `etcd: ${text}`, options);
  return new StoreError('timeout', `etcd: ${text}; the write may still be applied`, options);
}
