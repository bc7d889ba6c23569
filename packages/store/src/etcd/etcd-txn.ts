import { etcdV3 } from '@berth/wire';
import { type Revision, revision } from '../revision.ts';
import type { Compare, Operation, OperationResponse, TxnRequest, TxnResponse } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { unreachable } from '../unreachable.ts';
import { asciiBytes, type EtcdKeys, noBytes } from './etcd-keys.ts';

/** What is written beside the caller's changes, at the same revision: when and why. */
export interface Stamp {
  readonly wallMs: number;
  readonly cause: string;
}

function encodeStamp(stamp: Stamp): Buffer {
  return Buffer.from(JSON.stringify(stamp));
}

export function decodeStamp(value: Uint8Array): Stamp {
  return JSON.parse(Buffer.from(value).toString()) as Stamp;
}

const { Compare_CompareResult: result, Compare_CompareTarget: target } = etcdV3;

/**
 * The caller's transaction, with its stamp, inside a transaction that compares the reign when it is fenced: so a refused fence and a
 * refused comparison can be told apart.
 */
export function encodeTxn(keys: EtcdKeys, request: TxnRequest, stamp: Stamp): etcdV3.TxnRequest {
  const branch = (operations: readonly Operation[]): etcdV3.RequestOp[] => [
    ...operations.map((operation) => encodeOperation(keys, operation)),
    ...stampOperations(keys, operations, encodeStamp(stamp)),
  ];
  const txn: etcdV3.TxnRequest = {
    compare: request.compare.map((compare) => encodeCompare(keys, compare)),
    success: branch(request.success),
    failure: branch(request.failure ?? []),
  };
  if (request.fence === undefined) return txn;
  return { compare: [reignCompare(keys, request.fence.token)], success: [nested(txn)], failure: [] };
}

export function decodeTxn(keys: EtcdKeys, request: TxnRequest, response: etcdV3.TxnResponse): TxnResponse {
  let inner = response;
  if (request.fence !== undefined) {
    if (!response.succeeded) throw new StoreError('fenced', `decided in reign ${request.fence.token}, which has ended`);
    const wrapped = response.responses[0]?.response;
    if (wrapped?.$case !== 'responseTxn') throw new Error('etcd answered a nested transaction with something else');
    inner = wrapped.value;
  }
  const operations = inner.succeeded ? request.success : (request.failure ?? []);
  return {
    succeeded: inner.succeeded,
    revision: headerRevision(response.header),
    responses: operations.map((_, at) => decodeOperation(keys, inner.responses[at])),
  };
}

export function headerRevision(header: etcdV3.ResponseHeader | undefined): Revision {
  return revision(header?.revision ?? 0);
}

export function compareCreated(etcdKey: string, createRevision: number): etcdV3.Compare {
  return {
    key: asciiBytes(etcdKey),
    rangeEnd: noBytes,
    result: result.EQUAL,
    target: target.CREATE,
    targetUnion: { $case: 'createRevision', value: createRevision },
  };
}

export function putOperation(etcdKey: string, value: Buffer, lease: number): etcdV3.RequestOp {
  return { request: { $case: 'requestPut', value: { key: asciiBytes(etcdKey), value, lease, prevKv: false } } };
}

/** Create revision 0 would compare as "nobody leads": no token may say that. */
function reignCompare(keys: EtcdKeys, token: string): etcdV3.Compare {
  const reign = Number(token);
  if (!Number.isSafeInteger(reign) || reign < 1)
    throw new StoreError('fenced', `"${token}" names no reign of this cluster`);
  return compareCreated(keys.leader, reign);
}

function encodeCompare(keys: EtcdKeys, compare: Compare): etcdV3.Compare {
  const place = { key: keys.toEtcd(compare.key), rangeEnd: noBytes, result: comparison[compare.is] };
  switch (compare.target) {
    case 'mod':
      return { ...place, target: target.MOD, targetUnion: { $case: 'modRevision', value: compare.revision } };
    case 'create':
      return { ...place, target: target.CREATE, targetUnion: { $case: 'createRevision', value: compare.revision } };
    case 'version':
      return { ...place, target: target.VERSION, targetUnion: { $case: 'version', value: compare.version } };
    default:
      return unreachable(compare);
  }
}

const comparison: Readonly<Record<Compare['is'], etcdV3.Compare_CompareResult>> = {
  '=': result.EQUAL,
  '!=': result.NOT_EQUAL,
  '<': result.LESS,
  '>': result.GREATER,
};

function encodeOperation(keys: EtcdKeys, operation: Operation): etcdV3.RequestOp {
  switch (operation.kind) {
    case 'put': {
      const value = { key: keys.toEtcd(operation.key), value: Buffer.from(operation.value), lease: 0, prevKv: true };
      return { request: { $case: 'requestPut', value } };
    }
    case 'delete':
      return { request: { $case: 'requestDeleteRange', value: { ...keys.range(operation), prevKv: true } } };
    case 'range':
      return { request: { $case: 'requestRange', value: { ...noOptions, ...keys.range(operation) } } };
    default:
      return unreachable(operation);
  }
}

const noOptions = { limit: 0, revision: 0, serializable: false, keysOnly: false, countOnly: false };

function decodeOperation(keys: EtcdKeys, operation: etcdV3.ResponseOp | undefined): OperationResponse {
  const response = operation?.response;
  switch (response?.$case) {
    case 'responsePut': {
      const { prevKv } = response.value;
      return { kind: 'put', previous: prevKv === undefined ? undefined : keys.keyValue(prevKv) };
    }
    case 'responseDeleteRange':
      return { kind: 'delete', previous: response.value.prevKvs.map((kv) => keys.keyValue(kv)) };
    case 'responseRange':
      return { kind: 'range', kvs: response.value.kvs.map((kv) => keys.keyValue(kv)) };
    default:
      throw new Error('etcd left an operation without an answer');
  }
}

/**
 * Nothing may be written when nothing changes, or the revision would rise. A branch with a put always changes something; one with
 * deletions only if one of their ranges has a key, which etcd is asked to find out itself.
 */
function stampOperations(keys: EtcdKeys, operations: readonly Operation[], stamp: Buffer): etcdV3.RequestOp[] {
  const write = putOperation(keys.stamp, stamp, 0);
  if (operations.some((operation) => operation.kind === 'put')) return [write];
  let chain: etcdV3.RequestOp[] = [];
  for (const operation of operations) {
    if (operation.kind !== 'delete') continue;
    const anyKey: etcdV3.Compare = {
      ...keys.range(operation),
      result: result.GREATER,
      target: target.VERSION,
      targetUnion: { $case: 'version', value: 0 },
    };
    chain = [nested({ compare: [anyKey], success: [write], failure: chain })];
  }
  return chain;
}

function nested(value: etcdV3.TxnRequest): etcdV3.RequestOp {
  return { request: { $case: 'requestTxn', value } };
}
