import { badRequest, type DeleteOptions, deleteOptionsMessage } from '@berth/api';
import { type Query, queryFlag, queryInteger, queryText } from '../registry/list-options.ts';
import type { DeleteRequest } from '../registry/registry.ts';
import type { ApiCall } from './api-call.ts';
import { bodyBytes, parsedBody } from './request-body.ts';
import { type BodyKind, readValue } from './sub-resource-body.ts';

const optionsKind: BodyKind<DeleteOptions> = {
  group: '',
  version: 'v1',
  kind: 'DeleteOptions',
  message: deleteOptionsMessage,
};

/** How to delete, from the body when there is one, else from the query. */
export function deleteOptions(call: ApiCall): { readonly request: DeleteRequest; readonly dryRun: readonly string[] } {
  const value =
    bodyBytes(call).length > 0 ? withoutVersion(parsedBody(call, optionsKind).value) : fromQuery(call.query);
  const options = readValue(optionsKind, value, { fieldValidation: 'Ignore' });
  return { request: deleteRequestOf(options), dryRun: options.dryRun ?? [] };
}

export function deleteRequestOf(options: DeleteOptions): DeleteRequest {
  const { gracePeriodSeconds, preconditions } = options;
  const propagation = propagationOf(options);
  return {
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagation === undefined ? {} : { propagation }),
    ...(preconditions === undefined ? {} : { preconditions }),
  };
}

/** `orphanDependents` is the older word for two of the three policies. */
function propagationOf({ orphanDependents, propagationPolicy }: DeleteOptions): DeleteRequest['propagation'] {
  if (propagationPolicy === undefined) {
    if (orphanDependents === undefined) return undefined;
    return orphanDependents ? 'Orphan' : 'Background';
  }
  if (orphanDependents !== undefined)
    throw badRequest('propagationPolicy: orphanDependents and propagationPolicy cannot be both set');
  return propagationPolicy as DeleteRequest['propagation'];
}

/** Clients send delete options under the version of whatever they delete. */
function withoutVersion(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { apiVersion: _version, ...options } = value as Readonly<Record<string, unknown>>;
  return options;
}

function fromQuery(query: Query): DeleteOptions {
  const gracePeriodSeconds = queryInteger(query, 'gracePeriodSeconds');
  const orphanDependents = queryFlag(query, 'orphanDependents');
  const propagationPolicy = queryText(query, 'propagationPolicy');
  return {
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(orphanDependents === undefined ? {} : { orphanDependents }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
  };
}
