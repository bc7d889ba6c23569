import { ApiError } from '../errors/api-error.ts';
import { badRequest } from '../errors/request-error.ts';
import type { Draft } from '../schema/message.ts';
import { structuralDecode, type TypeFault } from '../schema/structural-decode.ts';
import type { ApiObject } from './api-object.ts';
import type { Kind } from './kind.ts';

export interface DecodedObject<T> {
  /** Fresh, with `kind` and `apiVersion` set; not yet defaulted. */
  readonly object: Draft<T>;
  /** Dropped fields, e.g. `unknown field "spec.contaners"`: what Strict refuses and Warn tells. */
  readonly problems: readonly string[];
}

/**
 * Parses a body (already JSON, from whatever encoding) as one kind. Throws `BadRequest` when the body is of another kind or a
 * value has the wrong type.
 */
export function decodeObject<T extends ApiObject>(kind: Kind<T>, body: unknown): DecodedObject<T> {
  checkKind(kind, body);
  const { value, unknownFields, typeFaults } = structuralDecode(kind.message, body);
  if (typeFaults.length > 0) throw mistyped(kind, typeFaults);
  const object = { ...value, kind: kind.kind, apiVersion: kind.apiVersion };
  return { object: object as Draft<T>, problems: unknownFields.map((path) => `unknown field ${JSON.stringify(path)}`) };
}

/** 400 for what field validation Strict refuses; `problems` are `unknown field "x"` and `duplicate field "x"`. */
export function strictDecodingError(kind: Kind, problems: readonly string[]): ApiError {
  return badRequest(
    `${cannotBeHandled(kind, kind.kind, kind.apiVersion)}: strict decoding error: ${problems.join(', ')}`,
  );
}

function checkKind(wanted: Kind, body: unknown): void {
  if (typeof body !== 'object' || body === null) return;
  const { kind, apiVersion } = body as { readonly kind?: unknown; readonly apiVersion?: unknown };
  const wantedVersion = wanted.apiVersion;
  if (typeof apiVersion === 'string' && apiVersion !== '' && apiVersion !== wantedVersion) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${wantedVersion})`,
    );
  }
  if (typeof kind === 'string' && kind !== '' && kind !== wanted.kind) {
    const handled = cannotBeHandled(wanted, kind, wantedVersion);
    throw badRequest(`${handled}: the kind in the data (${kind}) does not match the expected kind (${wanted.kind})`);
  }
}

function mistyped(kind: Kind, faults: readonly TypeFault[]): ApiError {
  const list = faults.map((fault) => fault.message).join(', ');
  const causes = faults.map(({ path, message }) => ({ reason: 'FieldValueTypeInvalid', message, field: path }));
  return new ApiError('BadRequest', `${cannotBeHandled(kind, kind.kind, kind.apiVersion)}: ${list}`, { causes });
}

function cannotBeHandled(wanted: Kind, kind: string, apiVersion: string): string {
  return `${kind} in version ${JSON.stringify(versionPart(apiVersion))} cannot be handled as a ${wanted.kind}`;
}

function versionPart(apiVersion: string): string {
  return apiVersion.slice(apiVersion.lastIndexOf('/') + 1);
}
