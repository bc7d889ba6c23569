import type { etcdV3 } from '@berth/wire';
import { type BoundedRange, prefixRange } from '../key-range.ts';
import { revision } from '../revision.ts';
import type { KeyRange, KeyValue } from '../store.ts';

/** Where one cluster lives inside an etcd that it may share with others. */
export class EtcdKeys {
  /** Everything of this cluster. */
  readonly all: BoundedRange;
  /** The engine's own bookkeeping. */
  readonly engine: BoundedRange;
  /** Written with every transaction: its wall time and cause. */
  readonly stamp: string;
  /** Held by the leader's lease; its create revision names the reign. */
  readonly leader: string;
  readonly clusterId: string;
  /** One key per living server, held by its lease. */
  readonly members: BoundedRange;
  readonly #data: string;

  /** `root` begins every key, e.g. `berth/`. */
  constructor(root: string) {
    this.all = prefixRange(root);
    this.#data = `${root}data`;
    this.engine = prefixRange(`${root}engine/`);
    this.stamp = `${root}engine/stamp`;
    this.leader = `${root}engine/leader`;
    this.clusterId = `${root}engine/cluster-id`;
    this.members = prefixRange(`${root}engine/members/`);
  }

  isData(etcdKey: string): boolean {
    return etcdKey.startsWith(this.#data);
  }

  toEtcd(key: string): Buffer {
    return asciiBytes(this.#data + key);
  }

  fromEtcd(etcdKey: string): string {
    return etcdKey.slice(this.#data.length);
  }

  range(range: KeyRange): { readonly key: Buffer; readonly rangeEnd: Buffer } {
    return { key: this.toEtcd(range.from), rangeEnd: range.to === undefined ? noBytes : this.toEtcd(range.to) };
  }

  keyValue(kv: etcdV3.KeyValue): KeyValue {
    return {
      key: this.fromEtcd(asciiText(kv.key)),
      value: new Uint8Array(kv.value.buffer, kv.value.byteOffset, kv.value.length),
      createRevision: revision(kv.createRevision),
      modRevision: revision(kv.modRevision),
      version: kv.version,
    };
  }
}

export const noBytes: Buffer = Buffer.alloc(0);

/** One byte per character, so that the end of a range (U+0080) stays one byte and orders as in memory. */
export function asciiBytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

export function asciiText(bytes: Buffer): string {
  return bytes.toString('latin1');
}
