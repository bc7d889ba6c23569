import { columnDefinitions, type IncludeObject, type Kind, type TableRow, tableRow } from '@berth/api';
import type { StoredObject } from '../registry/registry.ts';
import type { MetaVersion } from './answer-form.ts';

/** What `kubectl get` prints: the server decides the columns and formats the cells. */
export function tableOf(
  kind: Kind,
  version: MetaVersion,
  metadata: Readonly<Record<string, unknown>>,
  rows: readonly TableRow[],
): Readonly<Record<string, unknown>> {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata,
    columnDefinitions: columnDefinitions(kind),
    rows,
  };
}

export function rowOf(
  kind: Kind,
  version: MetaVersion,
  object: StoredObject,
  include: IncludeObject,
  nowMs: number,
): TableRow {
  if (include !== 'Metadata') return tableRow(kind, object, nowMs, include);
  return { ...tableRow(kind, object, nowMs, 'None'), object: partialOf(object, version) };
}

/** The metadata of an object under a kind of its own: what clients ask for that follow many objects. */
export function partialOf(object: StoredObject, version: MetaVersion): PartialObject {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata };
}

export interface PartialObject {
  readonly kind: 'PartialObjectMetadata';
  readonly apiVersion: string;
  readonly metadata: StoredObject['metadata'];
}
