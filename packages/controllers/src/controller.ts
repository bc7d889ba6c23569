import type { ObjectMeta, Stored } from '@berth/api';

/** Any object of the API, as the loops see it. */
export type AnyObject = Stored<{ readonly apiVersion: string; readonly kind: string; readonly metadata: ObjectMeta }>;

/** Plural and group as in URLs: `pods`, `deployments.apps`. */
export type Resource = string;

/** `namespace/name`, or `name` for cluster-scoped kinds. */
export type ObjectKey = string;

/** What a loop is asked to look at: mostly the key of an object; opaque to everyone but the controller that named it. */
export type ReconcileKey = string;

/**
 * A consistent, read-only view of the cluster at one revision, indexed. Objects are frozen. The runner guarantees
 * that the view already contains every write this controller made before, so no expectations are needed.
 */
export interface View {
  get<T extends AnyObject>(resource: Resource, key: ObjectKey): T | undefined;
  list<T extends AnyObject>(resource: Resource, namespace?: string): readonly T[];
  /** Objects whose controlling owner reference has this uid. */
  ownedBy<T extends AnyObject>(resource: Resource, uid: string): readonly T[];
  /** Objects of every kind that name this uid in any owner reference, sorted by resource, then key. */
  dependents(uid: string): readonly Dependent[];
  /** Objects of a namespace that carry all these labels; cheaper than filtering `list`. All of them when `labels` is empty. */
  labelled<T extends AnyObject>(
    resource: Resource,
    namespace: string,
    labels: Readonly<Record<string, string>>,
  ): readonly T[];
  /** Pods bound to a node. */
  podsOn<T extends AnyObject>(nodeName: string): readonly T[];
  /** When the servers last heard of a node's agent, on the same clock as `now`; undefined: not since this leader reigns. */
  nodeSession(nodeName: string): NodeSession | undefined;
  /** Where the servers of this cluster answer HTTPS, as pods can reach them. */
  apiServers(): readonly ApiServerAddress[];
}

export interface Dependent {
  readonly resource: Resource;
  readonly object: AnyObject;
}

export interface NodeSession {
  readonly connected: boolean;
  /** Of the change to `connected`, in milliseconds on the clock of `now.monotonicMs`. */
  readonly sinceMonotonicMs: number;
}

export interface ApiServerAddress {
  /** An IP address, never a name. */
  readonly ip: string;
  readonly port: number;
}

/** The time of a reconciliation, taken once by the runner. */
export interface Now {
  readonly wallMs: number;
  readonly monotonicMs: number;
  /** Since when this leader hears of agents: since its reign began, or since it last woke from a standstill; on the monotonic clock. */
  readonly hearingSinceMonotonicMs: number;
}

/** An object as a controller proposes it; the registry names, identifies and defaults it. */
export type NewObject = Omit<AnyObject, 'metadata'> & { readonly metadata: ObjectMeta };

/** Something to tell the owner of `about`. */
export interface EventDraft {
  readonly about: AnyObject;
  readonly type: 'Normal' | 'Warning';
  /** One word in CamelCase, e.g. `SuccessfulCreate`. */
  readonly reason: string;
  /** In the event of a `create`, `{name}` stands for the name that the registry gave. */
  readonly message: string;
}

/**
 * What a controller wants done. Every write is conditional: `create` fails if the name exists, all others carry
 * the uid and resourceVersion of the object they were decided on. A conflict ends the plan; the key is reconciled again.
 *
 * Writes are carried out in order. Neighbours of one `kind` and `resource` do not depend on each other and may go side by
 * side, 1, 2, 4 … at a time; the first that fails ends the plan. Several writes of one plan to one object build on
 * each other. The `event` of a write is recorded once the write has succeeded.
 */
export type Write =
  | {
      readonly kind: 'create';
      readonly resource: Resource;
      readonly object: NewObject;
      readonly event?: EventDraft;
    }
  | {
      readonly kind: 'update';
      readonly resource: Resource;
      readonly object: AnyObject;
      readonly event?: EventDraft;
    }
  | {
      readonly kind: 'updateStatus';
      readonly resource: Resource;
      readonly object: AnyObject;
      /** Writes labels and annotations too, as `/status` of Kubernetes does; neither raises the generation. */
      readonly alsoAnnotations?: true;
      readonly event?: EventDraft;
    }
  /** Replaces `spec.finalizers` of a namespace that is being deleted; the last one gone, the namespace goes. */
  | { readonly kind: 'finalizeNamespace'; readonly object: AnyObject }
  | {
      readonly kind: 'delete';
      readonly resource: Resource;
      readonly key: ObjectKey;
      readonly uid: string;
      readonly resourceVersion?: string;
      readonly gracePeriodSeconds?: number;
      /** What becomes of the dependents; default `Background`. */
      readonly propagation?: 'Orphan' | 'Background' | 'Foreground';
      readonly event?: EventDraft;
    }
  | ({ readonly kind: 'event' } & EventDraft);

export interface Plan {
  readonly writes: readonly Write[];
  /** Look at this key again after so long, even if nothing changes. */
  readonly requeueAfterMs?: number;
}

/** A write that the registry refused for good: not for a conflict, and not for want of a quorum. */
export interface Refusal {
  readonly write: Write;
  /** `reason` of the metav1.Status, e.g. `Forbidden`. */
  readonly reason: string;
  readonly message: string;
}

/**
 * One control loop. Pure: same view, key and now, same plan; an empty plan when there is nothing to do.
 * It never sees another controller; they meet in the store.
 */
export interface Controller {
  /** e.g. `deployment`; used in metrics, logs and as the cause of its writes. */
  readonly name: string;
  /** Which changes concern which keys. Called with the new state of an object, and with the old one when it changes or goes. */
  readonly watches: readonly {
    readonly resource: Resource;
    keys(object: AnyObject, view: View): readonly ReconcileKey[];
  }[];
  /** Reconciled at the start whatever exists. */
  readonly standingKeys?: readonly ReconcileKey[];
  /** Also woken for these keys when a node's session changes. */
  nodeSessionKeys?(nodeName: string): readonly ReconcileKey[];
  reconcile(view: View, key: ReconcileKey, now: Now): Plan;
  /**
   * What to write down after a refusal ended a plan, so that users see why nothing happens. The key is reconciled again
   * with growing delays in any case.
   */
  refused?(view: View, key: ReconcileKey, now: Now, refusal: Refusal): Plan;
}
