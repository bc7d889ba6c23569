import { type Operation, operationText, writtenValue } from './history.ts';

interface Write {
  readonly revision: number;
  readonly value: string | undefined;
}

/**
 * Whether a history whose writes carry revisions is linearizable (strictly: as one store, over all keys). O(n log n). Returns the first
 * fault found, as text, or undefined.
 *
 * Checked: revisions are unique; an operation that began after another returned has no smaller revision; a read returns what the last write up to
 * its revision left. Writes with an unknown outcome may stand behind a revision that nobody was told.
 */
export function faultByRevisions(operations: readonly Operation[]): string | undefined {
  return faultInOrder(operations) ?? faultInReads(operations);
}

function faultInOrder(operations: readonly Operation[]): string | undefined {
  const moments: { readonly atUs: number; readonly isReturn: boolean; readonly operation: Operation }[] = [];
  const writers = new Map<number, Operation>();
  for (const operation of operations) {
    if (operation.returnedUs === undefined || operation.outcome === undefined) continue;
    moments.push({ atUs: operation.invokedUs, isReturn: false, operation });
    moments.push({ atUs: operation.returnedUs, isReturn: true, operation });
    if (operation.outcome.kind !== 'written') continue;
    const other = writers.get(operation.outcome.revision);
    if (other !== undefined)
      return `two writes have one revision:\n${operationText(other)}\n${operationText(operation)}`;
    writers.set(operation.outcome.revision, operation);
  }
  // What begins in the very microsecond in which another returns counts as concurrent.
  moments.sort((a, b) => a.atUs - b.atUs || Number(a.isReturn) - Number(b.isReturn));
  let latest: Operation | undefined;
  let floor = 0;
  const floors = new Map<Operation, { readonly revision: number; readonly by: Operation | undefined }>();
  for (const { isReturn, operation } of moments) {
    if (!isReturn) {
      floors.set(operation, { revision: floor, by: latest });
      continue;
    }
    const revision = operation.outcome?.revision ?? 0;
    const before = floors.get(operation);
    const least = (before?.revision ?? 0) + (operation.outcome?.kind === 'written' ? 1 : 0);
    if (revision < least && before?.by !== undefined) {
      return `an operation does not see what was over before it began:\n${operationText(before.by)}\n${operationText(operation)}`;
    }
    if (revision > floor) {
      floor = revision;
      latest = operation;
    }
  }
  return undefined;
}

function faultInReads(operations: readonly Operation[]): string | undefined {
  const writes = new Map<string, Write[]>();
  const unknown = new Map<string, Set<string | undefined>>();
  for (const { key, call, outcome } of operations) {
    if (call.kind === 'read') continue;
    if (outcome === undefined) group(unknown, key, () => new Set()).add(writtenValue(call));
    else if (outcome.kind === 'written') {
      group(writes, key, () => []).push({ revision: outcome.revision, value: writtenValue(call) });
    }
  }
  for (const list of writes.values()) list.sort((a, b) => a.revision - b.revision);
  for (const operation of operations) {
    if (operation.outcome?.kind !== 'seen') continue;
    const fault = faultInSight(operation, writes.get(operation.key) ?? [], unknown.get(operation.key) ?? new Set());
    if (fault !== undefined) return `${fault}:\n${operationText(operation)}`;
  }
  return undefined;
}

/** Whether what was seen is what the last known write up to its revision left, or an unknown one after it. */
function faultInSight(
  operation: Operation,
  writes: readonly Write[],
  unknown: ReadonlySet<string | undefined>,
): string | undefined {
  if (operation.outcome?.kind !== 'seen') return undefined;
  const { revision, value, modRevision } = operation.outcome;
  const last = lastUpTo(writes, revision);
  if (value === undefined) {
    // Nothing is there: never written, deleted last, or deleted by somebody who never heard of it.
    if (last === undefined || last.value === undefined || unknown.has(undefined)) return undefined;
    return `sees nothing where ${last.value} of revision ${last.revision} is`;
  }
  if (modRevision > revision) return 'sees a value from after its own revision';
  if (last !== undefined && last.revision > modRevision) return `misses the write of revision ${last.revision}`;
  if (last?.revision === modRevision) {
    return last.value === value ? undefined : `sees ${value}, but revision ${modRevision} wrote ${last.value}`;
  }
  return unknown.has(value) ? undefined : `sees ${value}, which nobody wrote`;
}

function lastUpTo(writes: readonly Write[], revision: number): Write | undefined {
  let low = 0;
  let high = writes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((writes[middle] as Write).revision <= revision) low = middle + 1;
    else high = middle;
  }
  return writes[low - 1];
}

function group<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
