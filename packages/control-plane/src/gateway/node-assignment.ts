import { isDeepStrictEqual } from 'node:util';
import type { Pod } from '@berth/api';
import type { agentV1 } from '@berth/wire';
import type { ObjectCache } from '../registry/object-cache.ts';
import type { StoredObject } from '../registry/registry.ts';
import { type ConfigReference, configKey, configResources, podReferences } from './pod-references.ts';

type Message = NonNullable<agentV1.ServerMessage['message']>;

interface SentPod {
  readonly pod: StoredObject;
  readonly references: readonly string[];
}

interface ReferredConfig {
  readonly reference: ConfigReference;
  /** Keys of the pods that refer to it. */
  readonly pods: Set<string>;
  /** What the agent has; undefined when it does not exist. */
  sent: StoredObject | undefined;
}

export type AssignmentSource = Pick<ObjectCache, 'get' | 'podsOn'>;

/**
 * What one agent was sent, and what it must be sent next so that it knows its node's part of the cluster. Keys name pods
 * (`namespace/name`) or config (`Secret/namespace/name`); each call compares the cache of this moment with what
 * was sent, so that changes in between cost nothing and none is lost.
 */
export class NodeAssignment {
  readonly #nodeName: string;
  readonly #source: AssignmentSource;
  readonly #pods = new Map<string, SentPod>();
  readonly #configs = new Map<string, ReferredConfig>();
  #node: StoredObject | undefined;

  constructor(nodeName: string, source: AssignmentSource) {
    this.#nodeName = nodeName;
    this.#source = source;
  }

  /** Keys of all pods that are assigned now or were sent before. */
  podKeys(): readonly string[] {
    const assigned = this.#source.podsOn(this.#nodeName).map((pod) => `${pod.metadata.namespace}/${pod.metadata.name}`);
    return [...new Set([...assigned, ...this.#pods.keys()])];
  }

  refersTo(key: string): boolean {
    return this.#configs.has(key);
  }

  /** The node's own object, unless the agent has it already. */
  node(): readonly Message[] {
    const node = this.#source.get('nodes', this.#nodeName);
    if (node === undefined || (this.#node !== undefined && sameButStatus(node, this.#node))) return [];
    this.#node = node;
    return [{ $case: 'node', value: { node: encode(node) } }];
  }

  /** First what the pod refers to, then the pod; or that it is gone. */
  pod(key: string): readonly Message[] {
    const stored = this.#source.get('pods', key);
    const pod = stored !== undefined && isOn(stored, this.#nodeName) ? stored : undefined;
    const sent = this.#pods.get(key);
    const messages: Message[] = [];
    if (sent !== undefined && sent.pod.metadata.uid !== pod?.metadata.uid) {
      messages.push({ $case: 'podGone', value: { uid: sent.pod.metadata.uid } }, ...this.#forgetPod(key, sent));
    }
    if (pod === undefined) return messages;
    if (sent?.pod.metadata.uid === pod.metadata.uid && sameButStatus(pod, sent.pod)) return messages;
    messages.push(...this.#rememberPod(key, pod), { $case: 'pod', value: { pod: encode(pod) } });
    return messages;
  }

  /** A referred object in its present form, or that it is gone; nothing when no pod here refers to it. */
  config(key: string): readonly Message[] {
    const config = this.#configs.get(key);
    if (config === undefined) return [];
    const { kind, namespace, name } = config.reference;
    const object = this.#source.get(configResources[kind], `${namespace}/${name}`);
    if (object === config.sent) return [];
    config.sent = object;
    if (object === undefined) return [{ $case: 'configGone', value: { kind, namespace, name } }];
    return [{ $case: 'config', value: { kind, object: encode(object) } }];
  }

  #rememberPod(key: string, pod: StoredObject): readonly Message[] {
    const references = podReferences(pod as unknown as Pod);
    const keys = references.map(configKey);
    const dropped = this.#pods.get(key)?.references.filter((known) => !keys.includes(known)) ?? [];
    this.#pods.set(key, { pod, references: keys });
    const messages = dropped.flatMap((known) => this.#dropReference(known, key));
    for (const [at, reference] of references.entries()) {
      const known = keys[at] ?? configKey(reference);
      const config = this.#configs.get(known);
      if (config !== undefined) config.pods.add(key);
      else this.#configs.set(known, { reference, pods: new Set([key]), sent: undefined });
      messages.push(...this.config(known));
    }
    return messages;
  }

  #forgetPod(key: string, sent: SentPod): readonly Message[] {
    this.#pods.delete(key);
    return sent.references.flatMap((reference) => this.#dropReference(reference, key));
  }

  #dropReference(key: string, podKey: string): readonly Message[] {
    const config = this.#configs.get(key);
    config?.pods.delete(podKey);
    if (config === undefined || config.pods.size > 0) return [];
    this.#configs.delete(key);
    if (config.sent === undefined) return [];
    const { kind, namespace, name } = config.reference;
    return [{ $case: 'configGone', value: { kind, namespace, name } }];
  }
}

function isOn(pod: StoredObject, nodeName: string): boolean {
  return (pod as unknown as Pod).spec.nodeName === nodeName;
}

/** Whether two states of an object differ at most in status and bookkeeping, which no agent acts on. */
function sameButStatus(a: StoredObject, b: StoredObject): boolean {
  if (a === b) return true;
  if (!isDeepStrictEqual(a['spec'], b['spec'])) return false;
  const { resourceVersion: _a, managedFields: _b, ...metadataA } = a.metadata;
  const { resourceVersion: _c, managedFields: _d, ...metadataB } = b.metadata;
  return isDeepStrictEqual(metadataA, metadataB);
}

function encode(object: StoredObject): Buffer {
  return Buffer.from(JSON.stringify(object));
}
