import { boundedRange, inRange } from './key-range.ts';
import type { KeyRange, Operation, RangeRequest, TxnRequest, WatchRequest } from './store.ts';
import { StoreError } from './store-error.ts';

/**
 * What one request may hold, the same for every engine: etcd's defaults (128 operations, 1.5 MiB), less what an engine adds for
 * its own bookkeeping.
 */
export const requestLimits: {
  readonly keyBytes: number;
  readonly operations: number;
  readonly txnBytes: number;
  readonly causeBytes: number;
} = {
  keyBytes: 1024,
  /** Operations of one branch, and comparisons. */
  operations: 120,
  /** Keys, values and 64 bytes for each part of a transaction. */
  txnBytes: 1_572_864 - 8_192,
  causeBytes: 256,
};

const operationOverheadBytes = 64;
const keyPattern = /^[^\u0080-\uffff]+$/;
const endPattern = /^[^\u0081-\uffff]+$/;

/** Throws `invalid` or `too-large`; whatever passes can be applied without failing. */
export function checkTxn(request: TxnRequest): void {
  const failure = request.failure ?? [];
  checkCount('compare', request.compare.length);
  checkCount('success', request.success.length);
  checkCount('failure', failure.length);
  for (const compare of request.compare) checkKey('compare', compare.key);
  checkBranch('success', request.success);
  checkBranch('failure', failure);
  if (request.cause !== undefined && Buffer.byteLength(request.cause) > requestLimits.causeBytes)
    throw invalid(`cause must be at most ${requestLimits.causeBytes} bytes, got "${request.cause.slice(0, 40)}..."`);
  const bytes = txnBytes(request);
  if (bytes > requestLimits.txnBytes)
    throw new StoreError('too-large', `a transaction must be at most ${requestLimits.txnBytes} bytes, got ${bytes}`);
}

export function checkRange(request: RangeRequest): void {
  checkKeyRange('range', request);
  if (request.limit !== undefined && (!Number.isSafeInteger(request.limit) || request.limit < 0))
    throw invalid(`range.limit must be a whole number >= 0, got ${request.limit}`);
}

export function checkWatch(request: WatchRequest): void {
  checkKeyRange('watch', request);
  const interval = request.bookmarkIntervalMs;
  if (interval !== undefined && !(interval > 0))
    throw invalid(`watch.bookmarkIntervalMs must be greater than 0, got ${interval}`);
}

/** Keys, values and 64 bytes for each part: no less than the encoded transaction takes. */
export function txnBytes(request: TxnRequest): number {
  let bytes = request.compare.length * operationOverheadBytes;
  for (const compare of request.compare) bytes += compare.key.length;
  for (const branch of [request.success, request.failure ?? []]) {
    for (const operation of branch) {
      bytes += operationOverheadBytes;
      bytes += operation.kind === 'put' ? operation.key.length + operation.value.length : operation.from.length;
    }
  }
  return bytes;
}

/** As in etcd, a key may be changed once per transaction: two events of one key at one revision would have no order. */
function checkBranch(name: string, operations: readonly Operation[]): void {
  const put = new Set<string>();
  for (const operation of operations) {
    if (operation.kind !== 'put') {
      checkKeyRange(name, operation);
      continue;
    }
    checkKey(name, operation.key);
    if (put.has(operation.key)) throw invalid(`${name} changes key "${operation.key}" twice`);
    put.add(operation.key);
  }
  if (put.size === 0) return;
  for (const operation of operations) {
    if (operation.kind !== 'delete') continue;
    const range = boundedRange(operation);
    for (const key of put) if (inRange(range, key)) throw invalid(`${name} both puts and deletes key "${key}"`);
  }
}

function checkCount(name: string, count: number): void {
  if (count > requestLimits.operations)
    throw new StoreError('too-large', `${name} must have at most ${requestLimits.operations} parts, got ${count}`);
}

function checkKey(name: string, key: string): void {
  if (!isText(key, keyPattern))
    throw invalid(
      `${name}: a key must be 1 to ${requestLimits.keyBytes} ASCII characters, got ${JSON.stringify(key.slice(0, 80))}`,
    );
}

function checkKeyRange(name: string, range: KeyRange): void {
  checkKey(`${name}.from`, range.from);
  if (range.to !== undefined && !isText(range.to, endPattern))
    throw invalid(
      `${name}.to must be 1 to ${requestLimits.keyBytes} ASCII characters, got ${JSON.stringify(range.to.slice(0, 80))}`,
    );
}

function isText(text: string, pattern: RegExp): boolean {
  return text.length <= requestLimits.keyBytes && pattern.test(text) && !text.includes('\u0000');
}

function invalid(message: string): StoreError {
  return new StoreError('invalid', message);
}
