import type { StoredMeta } from '@berth/api';
import type { Consistency, Fence, Revision } from '@berth/store';

/** Any object as it is stored and answered. */
export interface StoredObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: StoredMeta;
  readonly [field: string]: unknown;
}

/** Who asks, as authentication established it. */
export interface Requester {
  readonly user: string;
  readonly groups: readonly string[];
}

/** What a write carries besides the object. */
export interface WriteContext {
  readonly requester: Requester;
  /** Kept with the revision, e.g. `user:berth-admin` or `controller:deployment`. */
  readonly cause: string;
  readonly fence?: Fence;
  readonly dryRun?: boolean;
  /** What happens with fields that the schema does not know. Default `Ignore` (dropped). */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
  /** Called with each warning for the client. */
  warn?(message: string): void;
}

export interface ObjectRef {
  /** `pods`, `deployments.apps`. */
  readonly resource: string;
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string;
  readonly name: string;
}

export interface DeleteRequest {
  readonly gracePeriodSeconds?: number;
  readonly propagation?: 'Orphan' | 'Background' | 'Foreground';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/**
 * The API without HTTP: defaulting, validation, admission, optimistic concurrency and storage of every kind. The HTTP edge,
 * the node gateway and the control loops all write through it, so that one set of rules holds for everybody.
 * Every method rejects with an `ApiError` (a metav1.Status).
 */
export interface Registry {
  get(ref: ObjectRef, consistency: Consistency): Promise<StoredObject>;
  list(
    resource: string,
    namespace: string | undefined,
    consistency: Consistency,
  ): Promise<{ readonly revision: Revision; readonly items: readonly StoredObject[] }>;
  create(
    resource: string,
    namespace: string | undefined,
    object: unknown,
    context: WriteContext,
  ): Promise<StoredObject>;
  /** Replaces; `metadata.resourceVersion` and `metadata.uid`, when given, must be those stored. */
  update(ref: ObjectRef, object: unknown, context: WriteContext): Promise<StoredObject>;
  /** Replaces the status alone; everything else of `object` but the preconditions in its metadata is ignored. */
  updateStatus(ref: ObjectRef, object: unknown, context: WriteContext): Promise<StoredObject>;
  /**
   * Reads, lets `change` make the next object, writes on condition that nothing came between, again on conflict
   * (at most 5 times). `change` returns undefined when nothing is to be done.
   */
  modify(
    ref: ObjectRef,
    part: 'object' | 'status',
    change: (current: StoredObject) => unknown,
    context: WriteContext,
  ): Promise<StoredObject | undefined>;
  /** Answers the object marked for deletion, or undefined when it is gone already. */
  delete(ref: ObjectRef, request: DeleteRequest, context: WriteContext): Promise<StoredObject | undefined>;
  /** Sets `spec.nodeName` of an unassigned pod and its PodScheduled condition, as POST …/pods/NAME/binding does. */
  bind(
    namespace: string,
    pod: string,
    uid: string,
    nodeName: string,
    context: WriteContext,
    /** Added to those of the pod. */
    annotations?: Readonly<Record<string, string>>,
  ): Promise<void>;
}
