import { ByteReader, CodecError } from '../codec/byte-reader.ts';
import { ByteWriter } from '../codec/byte-writer.ts';
import { ValueSlab } from '../codec/value-slab.ts';
import { txnBytes } from '../request-validation.ts';
import { type Revision, revision } from '../revision.ts';
import type { Compare, Operation, TxnRequest } from '../store.ts';
import { unreachable } from '../unreachable.ts';

/** What a log entry asks of the state machine. Everything that could differ between members was chosen by the proposer. */
export type Command =
  | {
      readonly kind: 'txn';
      /** Of the proposer's clock. */
      readonly wallMs: number;
      /** Only to be applied in this term; undefined: in any. */
      readonly fenceTerm: number | undefined;
      readonly request: TxnRequest;
    }
  | { readonly kind: 'compact'; readonly to: Revision }
  /** Makes a session that is named after the index of this entry. `nonce` tells the proposer which one is its own. The first one also dates the cluster. */
  | { readonly kind: 'open-session'; readonly nonce: string; readonly wallMs: number }
  /** What the state hash was on the leader after `index`; each member compares it with its own. */
  | { readonly kind: 'check-hash'; readonly index: number; readonly hash: string };

const layoutVersion = 1;
const kinds = ['txn', 'compact', 'open-session', 'check-hash'] as const satisfies readonly Command['kind'][];
const signs = ['=', '!=', '<', '>'] as const satisfies readonly Compare['is'][];
const targets = ['mod', 'create', 'version'] as const satisfies readonly Compare['target'][];
const operationKinds = ['put', 'delete', 'range'] as const satisfies readonly Operation['kind'][];

export function encodeCommand(command: Command): Uint8Array {
  const writer = new ByteWriter(command.kind === 'txn' ? txnBytes(command.request) + headBytes : headBytes);
  writer.byte(layoutVersion).byte(kinds.indexOf(command.kind));
  switch (command.kind) {
    case 'txn':
      writeTxn(writer, command);
      break;
    case 'compact':
      writer.whole(command.to);
      break;
    case 'open-session':
      writer.text(command.nonce).whole(command.wallMs);
      break;
    case 'check-hash':
      writer.whole(command.index).text(command.hash);
      break;
    default:
      unreachable(command);
  }
  return writer.finish();
}

/** Kind, times and cause. */
const headBytes = 128;

/** Values are copies, made by `slab`: they outlive the buffer they came in. */
export function decodeCommand(bytes: Uint8Array, slab: ValueSlab = new ValueSlab()): Command {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== layoutVersion) throw new CodecError(`unknown command layout ${version}`);
  const command = readCommand(reader, pick(kinds, reader.byte(), 'command kind'), slab);
  reader.end();
  return command;
}

function readCommand(reader: ByteReader, kind: Command['kind'], slab: ValueSlab): Command {
  switch (kind) {
    case 'txn':
      return readTxn(reader, slab);
    case 'compact':
      return { kind, to: revision(reader.whole()) };
    case 'open-session':
      return { kind, nonce: reader.text(), wallMs: reader.whole() };
    case 'check-hash':
      return { kind, index: reader.whole(), hash: reader.text() };
    default:
      return unreachable(kind);
  }
}

function writeTxn(writer: ByteWriter, { wallMs, fenceTerm, request }: Extract<Command, { kind: 'txn' }>): void {
  writer
    .whole(wallMs)
    .whole(fenceTerm ?? 0)
    .text(request.cause ?? '');
  writer.uint32(request.compare.length);
  for (const compare of request.compare) {
    writer.byte(targets.indexOf(compare.target)).byte(signs.indexOf(compare.is)).text(compare.key);
    writer.whole(compare.target === 'version' ? compare.version : compare.revision);
  }
  writeOperations(writer, request.success);
  writeOperations(writer, request.failure ?? []);
}

function readTxn(reader: ByteReader, slab: ValueSlab): Command {
  const wallMs = reader.whole();
  const fenceTerm = reader.whole();
  const cause = reader.text();
  const compare = list(reader, readCompare);
  const operation = (): Operation => readOperation(reader, slab);
  const success = list(reader, operation);
  const failure = list(reader, operation);
  const request = { compare, success, failure, cause };
  return { kind: 'txn', wallMs, fenceTerm: fenceTerm === 0 ? undefined : fenceTerm, request };
}

function readCompare(reader: ByteReader): Compare {
  const target = pick(targets, reader.byte(), 'comparison');
  const is = pick(signs, reader.byte(), 'comparison sign');
  const key = reader.text();
  const value = reader.whole();
  return target === 'version' ? { key, target, is, version: value } : { key, target, is, revision: revision(value) };
}

function writeOperations(writer: ByteWriter, operations: readonly Operation[]): void {
  writer.uint32(operations.length);
  for (const operation of operations) {
    writer.byte(operationKinds.indexOf(operation.kind));
    if (operation.kind === 'put') writer.text(operation.key).block(operation.value);
    else writer.text(operation.from).text(operation.to ?? '');
  }
}

function readOperation(reader: ByteReader, slab: ValueSlab): Operation {
  const kind = pick(operationKinds, reader.byte(), 'operation');
  if (kind === 'put') return { kind, key: reader.text(), value: slab.copy(reader.block()) };
  const from = reader.text();
  const to = reader.text();
  return to === '' ? { kind, from } : { kind, from, to };
}

function list<T>(reader: ByteReader, read: (reader: ByteReader) => T): T[] {
  const count = reader.uint32();
  const items: T[] = [];
  for (let i = 0; i < count; i++) items.push(read(reader));
  return items;
}

function pick<T>(names: readonly T[], at: number, what: string): T {
  const name = names[at];
  if (name === undefined) throw new CodecError(`unknown ${what} ${at}`);
  return name;
}
