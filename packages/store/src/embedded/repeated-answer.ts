import { boundedRange, inRange } from '../key-range.ts';
import { revision } from '../revision.ts';
import type { StoredResult } from '../state/session-table.ts';
import type { KeyValue, Operation, OperationResponse, StoreEvent, TxnRequest, TxnResponse } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { unreachable } from '../unreachable.ts';
import type { History } from './history.ts';

/**
 * The answer to a transaction of which only the result is known, since this server got its effect within a snapshot. What it changed, and
 * what was there before, is read from the history; reads within it are answered with the state after it.
 */
export async function repeatedAnswer(
  history: History,
  request: TxnRequest,
  result: StoredResult,
): Promise<TxnResponse> {
  const { outcome } = result;
  if (outcome !== 'succeeded' && outcome !== 'failed')
    throw new StoreError(outcome, 'refused when it was applied the first time');
  const at = revision(result.revision);
  const operations = outcome === 'succeeded' ? request.success : (request.failure ?? []);
  const changes = operations.some(({ kind }) => kind !== 'range');
  try {
    const events = changes ? ((await history.at(at))?.events ?? []) : [];
    const responses: OperationResponse[] = [];
    for (const operation of operations) responses.push(await answer(history, operation, result, events));
    return { succeeded: outcome === 'succeeded', revision: at, responses };
  } catch (error) {
    throw new StoreError('timeout', 'the write was applied, but its answer is lost: read what it wrote', {
      cause: error,
    });
  }
}

async function answer(
  history: History,
  operation: Operation,
  result: StoredResult,
  events: readonly StoreEvent[],
): Promise<OperationResponse> {
  switch (operation.kind) {
    case 'put':
      return {
        kind: 'put',
        previous: events.find((event) => event.kind === 'put' && event.kv.key === operation.key)?.previous,
      };
    case 'delete': {
      const range = boundedRange(operation);
      const previous: KeyValue[] = [];
      for (const event of events)
        if (event.kind === 'delete' && inRange(range, event.key) && event.previous !== undefined)
          previous.push(event.previous);
      return { kind: 'delete', previous };
    }
    case 'range':
      return { kind: 'range', kvs: await history.stateAt(boundedRange(operation), revision(result.revision)) };
    default:
      return unreachable(operation);
  }
}
