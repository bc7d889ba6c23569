/** One operation of a client, as the client saw it. Times are of one clock; an operation that never returned has no end. */
export interface Operation {
  readonly client: number;
  readonly key: string;
  readonly call: Call;
  readonly invokedUs: number;
  /** Undefined while open, and for ever when the outcome is unknown. */
  returnedUs: number | undefined;
  outcome: Outcome | undefined;
}

export type Call =
  | { readonly kind: 'read' }
  | { readonly kind: 'put'; readonly value: string }
  | { readonly kind: 'delete' }
  /** Writes `value` if the present one is `expect` (undefined: no key). */
  | { readonly kind: 'cas'; readonly expect: string | undefined; readonly value: string };

export type Outcome =
  /** A write took effect as this revision. */
  | { readonly kind: 'written'; readonly revision: number }
  /** A read, or a comparison that failed: the key held this in the state of `revision`. */
  | {
      readonly kind: 'seen';
      readonly revision: number;
      readonly value: string | undefined;
      /** Revision that wrote the value; 0 without one. */
      readonly modRevision: number;
    };

/** What clients did to a cluster. Definite failures are left out; unknown outcomes stay open. */
export class History {
  readonly #operations: Operation[] = [];

  get operations(): readonly Operation[] {
    return this.#operations;
  }

  invoke(client: number, key: string, call: Call, invokedUs: number): Operation {
    const operation: Operation = { client, key, call, invokedUs, returnedUs: undefined, outcome: undefined };
    this.#operations.push(operation);
    return operation;
  }

  /** Certainly not done. */
  withdraw(operation: Operation): void {
    const at = this.#operations.lastIndexOf(operation);
    if (at >= 0) this.#operations.splice(at, 1);
  }
}

/** What was known of a history at a moment: what had begun, with the results that had come back. */
export function historyUntil(operations: readonly Operation[], endUs: number): Operation[] {
  return operations
    .filter(({ invokedUs }) => invokedUs <= endUs)
    .map((operation) =>
      operation.returnedUs !== undefined && operation.returnedUs <= endUs
        ? operation
        : { ...operation, returnedUs: undefined, outcome: undefined },
    );
}

/** The value a write leaves. */
export function writtenValue(call: Call): string | undefined {
  return call.kind === 'put' || call.kind === 'cas' ? call.value : undefined;
}

/** One line for a time line in a report. */
export function operationText(operation: Operation): string {
  const { client, key, call, invokedUs, returnedUs, outcome } = operation;
  const what = call.kind === 'read' || call.kind === 'delete' ? call.kind : `${call.kind} ${call.value}`;
  const expect = call.kind === 'cas' ? ` if ${call.expect ?? 'absent'}` : '';
  const end = returnedUs === undefined ? '...' : String(returnedUs);
  const result =
    outcome === undefined
      ? 'unknown'
      : outcome.kind === 'written'
        ? `revision ${outcome.revision}`
        : `saw ${outcome.value ?? 'nothing'} of ${outcome.modRevision} at ${outcome.revision}`;
  return `[${invokedUs}, ${end}] client ${client} ${key}: ${what}${expect} -> ${result}`;
}
