import {
  badRequest,
  type FieldRequirements,
  fieldReader,
  type Kind,
  type LabelRequirements,
  matchesFields,
  matchesLabels,
  parseFieldQuery,
  parseLabelQuery,
  SelectorError,
  unselectableFields,
} from '@berth/api';
import type { KeyRange } from '@berth/store';
import type { StoredObject } from './registry.ts';
import { storageKey, storageRange } from './resource-key.ts';

/** Which objects of a kind a list, watch or deletecollection is about. */
export interface Selection {
  /** The keys to look at: all of the kind, of a namespace, or one. */
  readonly range: KeyRange;
  /** Absent when the range says it all: then nothing needs to be parsed. */
  readonly selects?: (object: StoredObject) => boolean;
}

export interface SelectionRequest {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export function selectionOf(kind: Kind, request: SelectionRequest): Selection {
  const labels = parsed(() => parseLabelQuery(request.labelSelector ?? ''));
  const fields = parsed(() => parseFieldQuery(request.fieldSelector ?? ''));
  checkFields(kind, fields);
  const namespace = request.namespace ?? (kind.namespaced ? wanted(fields, 'metadata.namespace') : undefined);
  const range = narrowed(kind, namespace, wanted(fields, 'metadata.name'));
  const selects = predicate(kind, labels, fields);
  return selects === undefined ? { range } : { range, selects };
}

/** A name in the query makes one key of the whole kind: watches of single objects are what informers and kubectl do most. */
function narrowed(kind: Kind, namespace: string | undefined, name: string | undefined): KeyRange {
  const oneName = name !== undefined && (!kind.namespaced || namespace !== undefined);
  if (!oneName) return storageRange(kind.resource, namespace);
  const inNamespace = kind.namespaced && namespace !== undefined ? { namespace } : {};
  return { from: storageKey({ resource: kind.resource, name, ...inNamespace }) };
}

function predicate(
  kind: Kind,
  labels: LabelRequirements,
  fields: FieldRequirements,
): ((object: StoredObject) => boolean) | undefined {
  if (fields.length === 0 && labels.length === 0) return undefined;
  return (object) => matchesLabels(labels, object.metadata.labels) && matchesFields(fields, fieldReader(kind, object));
}

function checkFields(kind: Kind, fields: FieldRequirements): void {
  const [unknown] = unselectableFields(kind, fields);
  if (unknown !== undefined) throw badRequest(`field label not supported: ${unknown}`);
}

/** The value a field must have, when the query demands exactly one. */
function wanted(fields: FieldRequirements, field: string): string | undefined {
  const found = fields.find((requirement) => requirement.field === field && requirement.operator === '=');
  return found === undefined || !/^[\x21-\x2e\x30-\x7e]+$/.test(found.value) ? undefined : found.value;
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message, { cause: error });
    throw error;
  }
}
