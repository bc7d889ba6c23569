import { badRequest, FaultList, invalid, type Message, structuralDecode, validateFields } from '@berth/api';
import type { WriteContext } from '../registry/registry.ts';
import type { ApiCall } from './api-call.ts';
import { parsedBody } from './request-body.ts';

/** A kind that travels in bodies without being stored: Scale, Binding, Eviction, DeleteOptions. */
export interface BodyKind<T extends object> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly message: Message<T>;
}

type Strictness = Pick<WriteContext, 'fieldValidation' | 'warn'>;

/** The body as such a kind, checked. */
export function readBody<T extends object>(call: ApiCall, kind: BodyKind<T>, context: Strictness): T {
  const { value, duplicateFields } = parsedBody(call, kind);
  return readValue(kind, value, context, duplicateFields);
}

/** Plain values as such a kind, checked. */
export function readValue<T extends object>(
  kind: BodyKind<T>,
  body: unknown,
  context: Strictness,
  duplicates: readonly string[] = [],
): T {
  const sentKind = (body as { readonly kind?: unknown } | null)?.kind ?? '';
  if (sentKind !== '' && sentKind !== kind.kind) throw unreadable(kind, `the object sent is a ${String(sentKind)}`);
  const { value, unknownFields, typeFaults } = structuralDecode(kind.message, body);
  const [typeFault] = typeFaults;
  if (typeFault !== undefined) throw unreadable(kind, typeFault.message);
  const problems = [
    ...unknownFields.map((path) => `unknown field ${JSON.stringify(path)}`),
    ...duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`),
  ];
  if (problems.length > 0 && context.fieldValidation === 'Strict')
    throw unreadable(kind, `strict decoding error: ${problems.join(', ')}`);
  if (context.fieldValidation === 'Warn') for (const problem of problems) context.warn?.(problem);
  const faults = new FaultList();
  validateFields(kind.message, value, faults);
  if (faults.faults.length > 0) throw invalid(kind, nameOf(value), faults.faults);
  return value;
}

function unreadable({ kind, version }: Pick<BodyKind<object>, 'kind' | 'version'>, why: string): Error {
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`);
}

function nameOf(value: object): string {
  return (value as { readonly metadata?: { readonly name?: string } }).metadata?.name ?? '';
}
