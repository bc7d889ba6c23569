import type { LifecycleHandler, Pod } from '@berth/api';
import type { World } from '@berth/world';
import type { ContainerSpec } from '../engine/container-spec.ts';
import type { Engine } from '../engine/engine.ts';
import type { Log } from '../logging/log.ts';
import type { NodeScope } from './container-identity.ts';
import type { ContainerTable } from './container-table.ts';
import type { SpecifiedContainer } from './pod-situation.ts';
import type { StartLimiter } from './start-limiter.ts';

/** Everything a pod's worker acts through. In the simulation the engine is the fake one and the other parts do nothing. */
export interface PodPorts {
  readonly engine: Engine;
  readonly containers: ContainerTable;
  readonly scope: NodeScope;
  readonly sandboxImage: string;
  readonly files: PodFiles;
  readonly network: PodNetwork;
  readonly served: ServedAddresses;
  readonly images: ImageProvider;
  readonly hooks: HookRunner;
  readonly composer: ContainerComposer;
  readonly events: EventSink;
  /** A container was started again. */
  readonly countRestart: () => void;
  readonly starts: StartLimiter;
  readonly world: World;
  readonly log: Log;
}

/** A step could not be taken for a reason that the pod's owner should read. */
export class PodStepError extends Error {
  /** Kubernetes' word, e.g. `CreateContainerConfigError`, `ErrImagePull`, `FailedMount`. */
  readonly reason: string;

  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PodStepError';
    this.reason = reason;
  }
}

/** Files of pods on this machine. Methods reject with a `PodStepError` when the pod's own wishes are at fault. */
export interface PodFiles {
  /** Makes volumes, or brings them up to date; may be called again at any time. */
  prepare(pod: Pod): Promise<void>;
  /** The files that carry the pod's name and address: hosts, hostname, resolver settings. */
  writeIdentity(pod: Pod, podIp: string): Promise<void>;
  /** What the container left in its termination message file; empty when nothing. */
  readTermination(uid: string, container: string, attempt: number): Promise<string>;
  release(uid: string): Promise<void>;
}

/** The network of pods on this node. */
export interface PodNetwork {
  /** Reserves an address; waits until the node has a range. Given back with `release`, or by itself once a sandbox carries it. */
  reserve(uid: string): Promise<AddressReservation>;
  /** Wires a sandbox, unless it is wired already. */
  attach(pod: Pod, sandbox: { readonly id: string; readonly pid: number; readonly podIp: string }): Promise<void>;
}

/** Whether a pod's address still gets new connections through services, as far as this machine's kernel goes. */
export interface ServedAddresses {
  isServed(podIp: string): boolean;
}

export interface AddressReservation extends Disposable {
  readonly podIp: string;
}

export interface ImageProvider {
  /** Makes sure the image is there, as the pull policy says. Rejects with a `PodStepError`. */
  ensure(pod: Pod, container: SpecifiedContainer): Promise<void>;
}

export interface HookRunner {
  /** Rejects when the hook fails or takes longer. */
  run(handler: LifecycleHandler, place: HookPlace, timeoutMs: number): Promise<void>;
}

export interface HookPlace {
  readonly containerId: string;
  readonly pod: Pod;
  readonly container: string;
  readonly podIp: string;
}

export interface ContainerPlace {
  readonly attempt: number;
  readonly sandboxId: string;
  readonly podIp: string;
  readonly backoffSeconds: number;
}

export interface ContainerComposer {
  sandbox(pod: Pod, attempt: number, podIp: string): ContainerSpec;
  /** Rejects with a `PodStepError` when something it refers to is missing. */
  container(pod: Pod, container: SpecifiedContainer, place: ContainerPlace): Promise<ContainerSpec>;
}

export interface PodEvent {
  readonly type: 'Normal' | 'Warning';
  /** Empty for the pod as a whole. */
  readonly container: string;
  readonly role: SpecifiedContainer['role'];
  readonly reason: string;
  readonly message: string;
}

export interface EventSink {
  tell(pod: Pod, event: PodEvent): void;
}
