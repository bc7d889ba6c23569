import { ApiError, badRequest } from '@berth/api';
import { queryText } from '../registry/list-options.ts';
import type { WriteContext } from '../registry/registry.ts';
import type { ApiCall } from './api-call.ts';

const fieldValidations = ['Ignore', 'Warn', 'Strict'] as const;
/** The store keeps at most 256 bytes with a revision. */
const causeLengthMax = 200;

/** What the query says about how a write is to be done. `bodyDryRun` is that of delete options. */
export function writeContext(call: ApiCall, bodyDryRun: readonly string[] = []): WriteContext {
  const { query, requester } = call;
  const asked = [query['dryRun'] ?? [], bodyDryRun].flat().filter((value) => value !== '');
  const unknown = asked.find((value) => value !== 'All');
  if (unknown !== undefined) throw unsupported('dryRun', unknown, ['All']);
  const validation = queryText(query, 'fieldValidation') ?? 'Warn';
  const fieldValidation = fieldValidations.find((known) => known === validation);
  if (fieldValidation === undefined) throw unsupported('fieldValidation', validation, fieldValidations);
  if ((queryText(query, 'fieldManager')?.length ?? 0) > 128)
    throw badRequest('fieldManager: may not be longer than 128 characters');
  return {
    requester,
    cause: `user:${requester.user.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, causeLengthMax)}`,
    dryRun: asked.length > 0,
    fieldValidation,
    warn: (message) => call.warn(message),
  };
}

function unsupported(field: string, value: string, supported: readonly string[]): ApiError {
  const list = supported.map((text) => JSON.stringify(text)).join(', ');
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`;
  return new ApiError('Invalid', `${field}: ${message}`, {
    causes: [{ reason: 'FieldValueNotSupported', message, field }],
  });
}
