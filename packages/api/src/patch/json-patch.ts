import { deepEqual } from '../schema/deep-equal.ts';
import { listIndex, parsePointer } from './json-pointer.ts';
import { checkDepth, isJsonObject, PatchError } from './patch-error.ts';

/** Kubernetes' limit. */
const operationsMax = 10_000;
/** `copy` can double a document with each operation: all copies together may not be longer than this, as JSON text. */
const copiedCharactersMax = 3 * 1024 * 1024;

type Operation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: readonly string[]; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: readonly string[] }
  | { readonly op: 'move' | 'copy'; readonly path: readonly string[]; readonly from: readonly string[] };

/** JSON Patch (RFC 6902): all operations or none. The document is not changed. Throws a `PatchError`. */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  const operations = parseOperations(patch);
  const root: { document: unknown } = { document: structuredClone(document) };
  let copiedCharacters = 0;
  operations.forEach((operation, index) => {
    try {
      if (operation.op === 'copy') {
        copiedCharacters += JSON.stringify(valueAt(root, operation.from)).length;
        if (copiedCharacters > copiedCharactersMax) {
          throw new PatchError('too-large', `copies of a patch may add at most ${copiedCharactersMax} characters`);
        }
      }
      apply(root, operation);
    } catch (error) {
      if (!(error instanceof PatchError)) throw error;
      throw new PatchError(error.fault, `operation ${index} (${operation.op}) of the JSON patch: ${error.message}`);
    }
  });
  return root.document;
}

function parseOperations(patch: unknown): readonly Operation[] {
  if (!Array.isArray(patch)) {
    throw new PatchError(
      'malformed',
      'a JSON patch must be a list of operations, e.g. [{"op":"remove","path":"/spec/paused"}]',
    );
  }
  if (patch.length > operationsMax) {
    const rule = `The allowed maximum operations in a JSON patch is ${operationsMax}, got ${patch.length}`;
    throw new PatchError('too-large', rule);
  }
  checkDepth(patch);
  return patch.map((operation: unknown, index) => {
    if (!isJsonObject(operation))
      throw new PatchError('malformed', `operation ${index} of the JSON patch is no object`);
    return parseOperation(operation, index);
  });
}

/** The members that matter; others are ignored (RFC 6902, section 4). */
interface RawOperation {
  readonly op?: unknown;
  readonly path?: unknown;
  readonly from?: unknown;
  readonly value?: unknown;
}

function parseOperation(operation: RawOperation, index: number): Operation {
  const { op, value } = operation;
  const path = pointerOf(operation.path, 'path', index);
  switch (op) {
    case 'add':
    case 'replace':
    case 'test':
      if (!Object.hasOwn(operation, 'value')) {
        throw new PatchError('malformed', `operation ${index} (${op}) of the JSON patch needs a value`);
      }
      return { op, path, value };
    case 'remove':
      return { op, path };
    case 'move':
    case 'copy':
      return { op, path, from: pointerOf(operation.from, 'from as the source', index) };
    default: {
      const rule = `op must be add, remove, replace, move, copy or test, got ${JSON.stringify(op)}`;
      throw new PatchError('malformed', `operation ${index} of the JSON patch: ${rule}`);
    }
  }
}

function pointerOf(pointer: unknown, what: string, index: number): readonly string[] {
  if (typeof pointer !== 'string') {
    throw new PatchError('malformed', `operation ${index} of the JSON patch needs a JSON pointer: ${what}`);
  }
  return parsePointer(pointer);
}

/** The document has a parent too, so that the whole of it can be replaced like any value. */
interface Root {
  document: unknown;
}

function apply(root: Root, operation: Operation): void {
  switch (operation.op) {
    case 'add':
      add(root, operation.path, structuredClone(operation.value));
      break;
    case 'remove':
      remove(root, operation.path);
      break;
    case 'replace':
      replace(root, operation.path, structuredClone(operation.value));
      break;
    case 'copy':
      add(root, operation.path, structuredClone(valueAt(root, operation.from)));
      break;
    case 'move':
      if (operation.from.length < operation.path.length && startsWith(operation.path, operation.from)) {
        throw new PatchError('inapplicable', 'a value cannot be moved into itself');
      }
      add(root, operation.path, remove(root, operation.from));
      break;
    case 'test':
      if (!deepEqual(valueAt(root, operation.path), operation.value)) {
        throw new PatchError(
          'inapplicable',
          `${show(operation.path)} does not have the value ${JSON.stringify(operation.value)}`,
        );
      }
      break;
    default:
      unreachable(operation);
  }
}

function add(root: Root, path: readonly string[], value: unknown): void {
  const { parent, token } = locate(root, path);
  if (Array.isArray(parent)) parent.splice(token === '-' ? parent.length : listIndex(token, parent.length), 0, value);
  else parent[token] = value;
}

function remove(root: Root, path: readonly string[]): unknown {
  const removed = valueAt(root, path);
  const { parent, token } = locate(root, path);
  if (Array.isArray(parent)) parent.splice(Number(token), 1);
  else delete parent[token];
  return removed;
}

function replace(root: Root, path: readonly string[], value: unknown): void {
  valueAt(root, path);
  const { parent, token } = locate(root, path);
  if (Array.isArray(parent)) parent[Number(token)] = value;
  else parent[token] = value;
}

function valueAt(root: Root, path: readonly string[]): unknown {
  return path.reduce(step, root.document);
}

function locate(root: Root, path: readonly string[]): { parent: unknown[] | Record<string, unknown>; token: string } {
  const token = path.at(-1);
  if (token === undefined) return { parent: root as unknown as Record<string, unknown>, token: 'document' };
  const parent = valueAt(root, path.slice(0, -1));
  if (typeof parent !== 'object' || parent === null) throw missing(token);
  return { parent: parent as unknown[] | Record<string, unknown>, token };
}

function step(value: unknown, token: string): unknown {
  if (Array.isArray(value)) return value[listIndex(token, value.length - 1)];
  if (!isJsonObject(value) || !Object.hasOwn(value, token)) throw missing(token);
  return value[token];
}

function missing(token: string): PatchError {
  return new PatchError('inapplicable', `there is no ${JSON.stringify(token)} to go to`);
}

function startsWith(path: readonly string[], prefix: readonly string[]): boolean {
  return prefix.every((token, index) => path[index] === token);
}

function show(path: readonly string[]): string {
  return path.length === 0 ? 'the document' : `/${path.join('/')}`;
}

function unreachable(operation: never): never {
  throw new TypeError(`unknown operation ${JSON.stringify(operation)}`);
}
