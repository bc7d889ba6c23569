import type { IncludeObject, Kind } from '@berth/api';
import type { World } from '@berth/world';
import type { Transition } from '../registry/object-transition.ts';
import { framed } from '../registry/stored-bytes.ts';
import type { AnswerForm, MetaVersion } from './answer-form.ts';
import type { EventForm } from './event-encoding.ts';
import { partialOf, rowOf, tableOf } from './object-table.ts';

/** How a watch is written: its changes, its bookmarks, its end by an error. One JSON document per line. */
export interface WatchForm extends EventForm {
  bookmark(revision: number, annotations?: Readonly<Record<string, string>>): Buffer;
}

export function watchForm(kind: Kind, form: AnswerForm, included: IncludeObject, world: World): WatchForm {
  switch (form.kind) {
    case 'object':
      return objectForm(kind);
    case 'metadata':
      return metadataForm(form.version);
    case 'table':
      return tableForm(kind, form.version, included, world);
    default:
      return form satisfies never;
  }
}

/** An ERROR event with a Status, after which the watch ends. */
export function errorLine(status: unknown): Buffer {
  return line('ERROR', status);
}

const lineEnd = Buffer.from('}\n');
const opening = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
} as const;

/** Stored bytes between a prefix and a suffix. */
function objectForm({ kind, apiVersion }: Kind): WatchForm {
  return {
    key: 'object',
    encode: ({ type, bytes }) => framed(opening[type], bytes, lineEnd),
    bookmark: (revision, annotations) => bookmarkLine({ kind, apiVersion }, revision, annotations),
  };
}

function metadataForm(version: MetaVersion): WatchForm {
  const head = { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}` };
  return {
    key: `metadata ${version}`,
    encode: (transition) => line(transition.type, partialOf(transition.object(), version)),
    bookmark: (revision, annotations) => bookmarkLine(head, revision, annotations),
  };
}

/** Every line carries the columns: then all watchers can share it, whichever is their first. */
function tableForm(kind: Kind, version: MetaVersion, included: IncludeObject, world: World): WatchForm {
  const encode = (transition: Transition): Buffer => {
    const object = transition.object();
    const row = rowOf(kind, version, object, included, world.clock.wallMs());
    const { resourceVersion } = object.metadata;
    return line(transition.type, tableOf(kind, version, { resourceVersion }, [row]));
  };
  return {
    key: `table ${version} ${included}`,
    encode,
    bookmark: (revision, annotations) =>
      line('BOOKMARK', tableOf(kind, version, bookmarkMetadata(revision, annotations), [])),
  };
}

function bookmarkLine(
  head: { readonly kind: string; readonly apiVersion: string },
  revision: number,
  annotations: Readonly<Record<string, string>> | undefined,
): Buffer {
  return line('BOOKMARK', { ...head, metadata: bookmarkMetadata(revision, annotations) });
}

function bookmarkMetadata(
  revision: number,
  annotations: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, unknown>> {
  return { resourceVersion: String(revision), ...(annotations === undefined ? {} : { annotations }) };
}

function line(type: string, object: unknown): Buffer {
  return Buffer.from(`${JSON.stringify({ type, object })}\n`);
}
