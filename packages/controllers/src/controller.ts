import type { ObjectMeta, Stored } from '@berth/api';

/** Any object of the API, as the loops see it. */
export type AnyObject = Stored<{ readonly apiVersion: string; readonly kind: string; readonly metadata: ObjectMeta }>;

/** Plural and group as in URLs: `pods`, `deployments.apps`. */
export type Resource = string;

/** `namespace/name`, or `name` for cluster-scoped kinds. */
export type ObjectKey = string;

/**
 * A consistent, read-only view of the cluster at one revision, indexed. Objects are frozen. The runner guarantees
 * that the view already contains every write this controller made before, so no expectations are needed.
 */
export interface View {
  get<T extends AnyObject>(resource: Resource, key: ObjectKey): T | undefined;
  list<T extends AnyObject>(resource: Resource, namespace?: string): readonly T[];
  /** Objects whose controlling owner reference has this uid. */
  ownedBy<T extends AnyObject>(resource: Resource, uid: string): readonly T[];
  /** Pods bound to a node. */
  podsOn<T extends AnyObject>(nodeName: string): readonly T[];
  /** When the servers last heard of a node's agent, on the same clock as `now`; undefined: not since this leader reigns. */
  nodeSession(nodeName: string): NodeSession | undefined;
}

export interface NodeSession {
  readonly connected: boolean;
  /** Of the change to `connected`, in milliseconds on the clock of `now.monotonicMs`. */
  readonly sinceMonotonicMs: number;
}

/** The time of a reconciliation, taken once by the runner. */
export interface Now {
  readonly wallMs: number;
  readonly monotonicMs: number;
  /** When this leader's reign began, on the monotonic clock. */
  readonly reignSinceMonotonicMs: number;
}

/**
 * What a controller wants done. Every write is conditional: `create` fails if the name exists, all others carry
 * the uid and resourceVersion of the object they were decided on. A conflict ends the plan; the key is reconciled again.
 */
export type Write =
  | {
      readonly kind: 'create';
      readonly resource: Resource;
      readonly object: Omit<AnyObject, 'metadata'> & { readonly metadata: ObjectMeta };
    }
  | { readonly kind: 'update'; readonly resource: Resource; readonly object: AnyObject }
  | { readonly kind: 'updateStatus'; readonly resource: Resource; readonly object: AnyObject }
  | {
      readonly kind: 'delete';
      readonly resource: Resource;
      readonly key: ObjectKey;
      readonly uid: string;
      readonly resourceVersion?: string;
      readonly gracePeriodSeconds?: number;
    }
  | {
      readonly kind: 'event';
      readonly about: AnyObject;
      readonly type: 'Normal' | 'Warning';
      readonly reason: string;
      readonly message: string;
    };

export interface Plan {
  readonly writes: readonly Write[];
  /** Look at this key again after so long, even if nothing changes. */
  readonly requeueAfterMs?: number;
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
    keys(object: AnyObject, view: View): readonly ObjectKey[];
  }[];
  /** Also woken for these keys when a node's session changes. */
  nodeSessionKeys?(nodeName: string): readonly ObjectKey[];
  reconcile(view: View, key: ObjectKey, now: Now): Plan;
}
