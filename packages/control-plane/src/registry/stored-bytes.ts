import type { KeyValue, Revision } from '@berth/store';

/** An object as it lies in the store: what GET, LIST and WATCH send without parsing it. */
export type StoredBytes = Pick<KeyValue, 'value' | 'modRevision'>;

const text = new TextEncoder();
const metadataOpening = text.encode('"metadata":{');

/**
 * Where the members of `metadata` begin. All values of a kind begin with the same bytes
 * (`{"kind":"Pod","apiVersion":"v1","metadata":{`), so this is asked once per list, not per object.
 */
function headerLength(value: Uint8Array): number {
  const at = Buffer.from(value.buffer, value.byteOffset, Math.min(value.byteLength, 512)).indexOf(metadataOpening);
  if (at < 0) throw new Error('a stored object begins with kind, apiVersion and metadata, this one does not');
  return at + metadataOpening.length;
}

/** The object with its `resourceVersion` spliced in: bytes in, bytes out. */
export function withResourceVersion({ value, modRevision }: StoredBytes): Buffer {
  return splice(value, headerLength(value), modRevision, noBytes, noBytes);
}

/** The same between a prefix and a suffix, in one copy: watch events, members of lists. */
export function framed(before: Uint8Array, { value, modRevision }: StoredBytes, after: Uint8Array): Buffer {
  return splice(value, headerLength(value), modRevision, before, after);
}

const noBytes = new Uint8Array(0);

function splice(value: Uint8Array, header: number, at: Revision, before: Uint8Array, after: Uint8Array): Buffer {
  const version = resourceVersionMember(at);
  const out = Buffer.allocUnsafe(before.length + value.length + version.length + after.length);
  let offset = 0;
  out.set(before, offset);
  offset += before.length;
  out.set(value.subarray(0, header), offset);
  offset += header;
  out.write(version, offset, 'latin1');
  offset += version.length;
  out.set(value.subarray(header), offset);
  out.set(after, offset + value.length - header);
  return out;
}

export interface ListHead {
  /** e.g. `PodList`. */
  readonly kind: string;
  readonly apiVersion: string;
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** A list as one buffer: its head, and the stored bytes of its members with their versions spliced in. */
export function listBytes(head: ListHead, items: readonly StoredBytes[]): Buffer {
  const { kind, apiVersion, ...metadata } = head;
  const opening = text.encode(`${JSON.stringify({ kind, apiVersion, metadata }).slice(0, -1)},"items":[`);
  const versions = items.map((item) => resourceVersionMember(item.modRevision));
  let length = opening.length + 2 + Math.max(0, items.length - 1);
  for (const [i, item] of items.entries()) length += item.value.length + (versions[i] as string).length;
  const out = Buffer.allocUnsafe(length);
  out.set(opening, 0);
  let offset = opening.length;
  const header = items[0] === undefined ? 0 : headerLength(items[0].value);
  for (const [i, { value }] of items.entries()) {
    if (i > 0) out[offset++] = 0x2c;
    out.set(value.subarray(0, header), offset);
    offset += header;
    offset += out.write(versions[i] as string, offset, 'latin1');
    out.set(value.subarray(header), offset);
    offset += value.length - header;
  }
  out.write(']}', offset, 'latin1');
  return out;
}

/** Metadata is never empty (it has a name), so a comma always follows. 0 is a dry run's: nothing was stored. */
function resourceVersionMember(at: Revision): string {
  return at === 0 ? '' : `"resourceVersion":"${at}",`;
}
