import type { Node, Pod, Stored } from '@berth/api';
import { devicesAnnotation, NodeRoom } from '@berth/scheduler';
import type { Revision } from '@berth/store';
import { NodeLine, type Place, type Turns, turnsIn, turnsRange } from './node-line.ts';
import type { ObjectCache } from './object-cache.ts';
import { isStorableName, storageKey } from './resource-key.ts';
import type { StateReader } from './state-reader.ts';

/** What is known of nodes and of the pods on them. */
export type SeatingCache = Pick<ObjectCache, 'get' | 'podsOn' | 'waitFor'>;

export type SeatAnswer =
  /** `devices`: for a pod that asks for devices and was not told which, the value of its annotation. */
  | { readonly kind: 'seat'; readonly place: Place; readonly devices: string | undefined }
  /** `why` says what is in the way. */
  | { readonly kind: 'full'; readonly why: string };

/**
 * Keeps nodes from being oversold, whoever binds pods to them and through whichever server: a binding is written on condition that
 * no other one was since its room was found, so of two that saw the same room the second looks again.
 */
export class NodeSeats {
  readonly #cache: SeatingCache;
  readonly #room = new NodeRoom();
  /** At most one for a node: where the next binding goes. It stays when all who were in it are done. */
  readonly #lines = new Map<string, NodeLine>();

  constructor(cache: SeatingCache) {
    this.#cache = cache;
  }

  /** `pod` as it would be bound, but for the devices of the answer. */
  async take(nodeName: string, pod: Stored<Pod>, reader: StateReader): Promise<SeatAnswer> {
    if (!isStorableName(nodeName)) return noNode(nodeName);
    if (reader.isNewest) await this.#catchUp(nodeName, reader);
    const answer = await this.#join(nodeName, pod, reader);
    // A refusal counts only when it was decided on what the store has now.
    if (answer.kind === 'full' && !reader.used) await this.#catchUp(nodeName, reader);
    return answer;
  }

  /** Behind the bindings that are on their way, or as the first. Nothing may come between the choice of a line and the seat in it. */
  async #join(nodeName: string, pod: Stored<Pod>, reader: StateReader): Promise<SeatAnswer> {
    for (;;) {
      const line = this.#lines.get(nodeName);
      if (line !== undefined && line.seated.size > 0) {
        if (line.isOpen) return this.#sit(nodeName, pod, line);
        await line.opened;
        continue;
      }
      const turns = await this.#catchUp(nodeName, reader);
      const isSame = this.#lines.get(nodeName) === line;
      if (isSame && (line?.seated.size ?? 0) === 0)
        return this.#sit(nodeName, pod, line?.isAt(turns) === true ? line : this.#newLine(nodeName, turns));
    }
  }

  #newLine(nodeName: string, turns: Turns): NodeLine {
    const line = new NodeLine(nodeName, turns, () => {
      if (this.#lines.get(nodeName) === line) this.#lines.delete(nodeName);
    });
    return line;
  }

  /** Brings the cache to where the reader is. */
  async #catchUp(nodeName: string, reader: StateReader): Promise<Turns> {
    const { kvs, revision } = await reader.range(turnsRange(nodeName));
    await this.#cache.waitFor(revision);
    return turnsIn(nodeName, kvs);
  }

  #sit(nodeName: string, pod: Stored<Pod>, line: NodeLine): SeatAnswer {
    const node = this.#cache.get<Stored<Node>>('nodes', nodeName);
    if (node === undefined) {
      this.#lines.delete(nodeName);
      return noNode(nodeName);
    }
    const { uid } = pod.metadata;
    const room = this.#room.look(node, this.#othersOn(nodeName, uid, line), pod);
    if (room.kind === 'short') return { kind: 'full', why: `no room for it on node ${nodeName}: ${room.why}` };
    this.#lines.set(nodeName, line);
    const place = line.enter(
      told(pod, room.devices),
      uid,
      {
        key: storageKey({ resource: 'nodes', name: nodeName }),
        target: 'mod',
        is: '=',
        revision: Number(node.metadata.resourceVersion) as Revision,
      },
      (at) => this.#cache.waitFor(at),
    );
    return { kind: 'seat', place, devices: room.devices };
  }

  #othersOn(nodeName: string, uid: string, { seated }: NodeLine): readonly Pod[] {
    const others: Pod[] = [];
    for (const other of this.#cache.podsOn<Stored<Pod>>(nodeName))
      if (other.metadata.uid !== uid && !seated.has(other.metadata.uid)) others.push(other);
    for (const [other, pod] of seated) if (other !== uid) others.push(pod);
    return others;
  }
}

/** A copy: what a pod takes is remembered by its object, and this one has been looked at without its devices. */
function told(pod: Stored<Pod>, devices: string | undefined): Stored<Pod> {
  if (devices === undefined) return pod;
  const annotations = { ...pod.metadata.annotations, [devicesAnnotation]: devices };
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}

function noNode(nodeName: string): SeatAnswer {
  return { kind: 'full', why: `there is no node ${nodeName}` };
}
