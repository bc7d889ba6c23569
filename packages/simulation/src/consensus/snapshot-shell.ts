import type { Effect, LogBase, SnapshotMeta } from '@berth/raft';
import { checksum } from './checksum.ts';
import type { Process } from './process.ts';
import type { StateImage } from './sim-disk.ts';

type Open = Extract<Effect, { kind: 'open-snapshot' }>;
type Load = Extract<Effect, { kind: 'load-chunk' }>;
type Store = Extract<Effect, { kind: 'store-chunk' }>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Keeps the bytes of snapshots: those being sent from memory, one being received on the disk. */
export class SnapshotShell {
  readonly #process: Process;
  readonly #open = new Map<number, Uint8Array>();

  constructor(process: Process) {
    this.#process = process;
  }

  open(effect: Open): void {
    const { world, applier } = this.#process;
    if (world.dice.chance(0.05)) {
      this.#soon(() => this.#process.step({ kind: 'snapshot-unavailable', to: effect.to }));
      return;
    }
    this.#soon(() => {
      const snapshotId = world.dice.uint32();
      const image = applier.image();
      this.#open.set(snapshotId, seal(image));
      this.#process.step({ kind: 'snapshot-opened', to: effect.to, snapshotId, index: image.base.index });
    });
  }

  close(snapshotId: number): void {
    this.#open.delete(snapshotId);
  }

  load({ to, snapshotId, offset, maxBytes }: Load): void {
    this.#soon(() => {
      const bytes = this.#open.get(snapshotId);
      if (bytes === undefined) return;
      const data = bytes.subarray(offset, offset + maxBytes);
      const last = offset + data.length === bytes.length;
      this.#process.step({
        kind: 'chunk-loaded',
        to,
        snapshotId,
        offset,
        data,
        checksum: checksum(data),
        last,
      });
    });
  }

  store({ snapshot, offset, data, checksum: expected }: Store): void {
    const { disk } = this.#process.member;
    this.#soon(() => {
      if (offset === 0) disk.partial = { snapshot, chunks: [], nextOffset: 0 };
      const { partial } = disk;
      // Another snapshot has taken its place, or it was discarded, while this chunk was on its way to the disk.
      if (partial?.snapshot.snapshotId !== snapshot.snapshotId || partial.nextOffset !== offset) return;
      if (checksum(data) === expected) {
        partial.chunks.push(data);
        partial.nextOffset += data.length;
      }
      this.#process.step({
        kind: 'chunk-stored',
        snapshotId: snapshot.snapshotId,
        nextOffset: partial.nextOffset,
      });
    });
  }

  stage(snapshot: SnapshotMeta): void {
    const { member, world } = this.#process;
    const { snapshotId } = snapshot;
    this.#soon(() => {
      const image = unseal(member.disk.partial?.chunks ?? []);
      if (image === undefined || world.dice.chance(0.02)) {
        member.disk.partial = undefined;
        world.probes.hit('snapshot-damaged');
        this.#process.step({ kind: 'snapshot-damaged', snapshotId });
        return;
      }
      member.disk.staged = { snapshot, image };
      this.#process.step({ kind: 'snapshot-staged', snapshotId });
    });
  }

  discard(): void {
    this.#process.member.disk.partial = undefined;
    this.#process.member.disk.staged = undefined;
  }

  #soon(task: () => void): void {
    const { world } = this.#process;
    this.#process.later(world.dice.waiting(world.plan.disk.writeMs) * 1000, task);
  }
}

/** Base and state together, with a checksum over all (rule 47). */
function seal(image: StateImage): Uint8Array {
  const body = encoder.encode(JSON.stringify(image));
  const bytes = new Uint8Array(body.length + 4);
  bytes.set(body);
  new DataView(bytes.buffer).setUint32(body.length, checksum(body));
  return bytes;
}

function unseal(chunks: readonly Uint8Array[]): StateImage | undefined {
  const bytes = Buffer.concat(chunks);
  if (bytes.length < 4) return undefined;
  const body = bytes.subarray(0, -4);
  if (bytes.readUInt32BE(body.length) !== checksum(body)) return undefined;
  const { base, state } = JSON.parse(decoder.decode(body)) as { base: LogBase; state: string };
  return { base, state };
}
