import { stringify } from 'yaml';
import type { ListPage } from '../registry/list-objects.ts';
import type { StoredObject } from '../registry/registry.ts';
import { listBytes, type StoredBytes, withResourceVersion } from '../registry/stored-bytes.ts';
import { decodeStored } from '../registry/stored-object.ts';
import type { Answer } from './answer.ts';
import { type AnswerForm, contentTypes, type Encoding } from './answer-form.ts';
import { type ApiCall, formOf, includedObject } from './api-call.ts';
import { partialOf, rowOf, tableOf } from './object-table.ts';

/** One stored object in the form the client accepts; plain JSON is the stored bytes. */
export function objectAnswer(call: ApiCall, bytes: StoredBytes, code = 200): Answer {
  const form = formOf(call);
  if (form.kind === 'object' && form.encoding === 'json')
    return whole(form, withResourceVersion(bytes), code, bytes.modRevision);
  const value = shaped(call, form, decodeStored(bytes));
  return whole(form, write(value, form.encoding), code, bytes.modRevision);
}

function shaped(call: ApiCall, form: AnswerForm, object: StoredObject): unknown {
  switch (form.kind) {
    case 'object':
      return object;
    case 'metadata':
      return partialOf(object, form.version);
    case 'table': {
      const { resourceVersion } = object.metadata;
      const row = rowOf(call.kind, form.version, object, includedObject(call.query), nowMs(call));
      return tableOf(call.kind, form.version, { resourceVersion }, [row]);
    }
    default:
      return form satisfies never;
  }
}

/** A page of a list in the form the client accepts; plain JSON is a concatenation of stored bytes. */
export function listAnswer(call: ApiCall, page: ListPage): Answer {
  const form = formOf(call);
  const metadata = {
    resourceVersion: String(page.revision),
    ...(page.continue === undefined ? {} : { continue: page.continue }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
  const { listKind, apiVersion } = call.kind;
  if (form.kind === 'object' && form.encoding === 'json')
    return whole(form, listBytes({ kind: listKind, apiVersion, ...metadata }, page.items), 200, page.revision);
  const objects = page.items.map(decodeStored);
  const value = shapedList(call, form, metadata, objects);
  return whole(form, write(value, form.encoding), 200, page.revision);
}

function shapedList(
  call: ApiCall,
  form: AnswerForm,
  metadata: Readonly<Record<string, unknown>>,
  objects: readonly StoredObject[],
): unknown {
  const { kind } = call;
  switch (form.kind) {
    case 'object':
      return { kind: kind.listKind, apiVersion: kind.apiVersion, metadata, items: objects };
    case 'metadata':
      return {
        kind: 'PartialObjectMetadataList',
        apiVersion: `meta.k8s.io/${form.version}`,
        metadata,
        items: objects.map((object) => partialOf(object, form.version)),
      };
    case 'table': {
      const included = includedObject(call.query);
      const at = nowMs(call);
      const rows = objects.map((object) => rowOf(kind, form.version, object, included, at));
      return tableOf(kind, form.version, metadata, rows);
    }
    default:
      return form satisfies never;
  }
}

/** A value that is no stored object, such as a Scale. */
export function valueAnswer(value: unknown, encoding: Encoding, code = 200): Answer {
  return { kind: 'whole', code, contentType: contentTypes[encoding], body: write(value, encoding) };
}

function whole(form: AnswerForm, body: Uint8Array, code: number, revision: number): Answer {
  const headers = { 'berth-revision': String(revision) };
  return { kind: 'whole', code, contentType: contentTypes[form.encoding], body, headers };
}

/** Texts that YAML 1.1 would read as something else are quoted. */
function write(value: unknown, encoding: Encoding): Buffer {
  if (encoding === 'json') return Buffer.from(JSON.stringify(value));
  return Buffer.from(stringify(value, { version: '1.1', aliasDuplicateObjects: false }));
}

function nowMs(call: ApiCall): number {
  return call.server.world.clock.wallMs();
}
