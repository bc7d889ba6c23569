import type { FaultList } from '../errors/fault-list.ts';
import { deepEqual } from '../schema/deep-equal.ts';
import type { Draft, Message } from '../schema/message.ts';
import type { ApiObject } from './api-object.ts';
import type { Column } from './table-column.ts';

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A method's type, so that a kind of one object type fits where any kind is wanted. */
type FieldReader<T> = { read(object: T): string | undefined }['read'];

/** A sub-resource, e.g. `pods/log` or `deployments/scale`. */
export interface Subresource {
  readonly name: string;
  readonly verbs: readonly Verb[];
  /** Of the bodies; absent: those of the kind itself. */
  readonly body?: GroupVersionKind;
}

/**
 * Everything that one kind adds to the generic engine. A kind is one constant in one file; the table in `kinds.ts` lists them.
 * The functions are pure; those that take a draft change it in place.
 */
export interface KindRules<T extends ApiObject> extends GroupVersionKind {
  readonly message: Message<T>;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  readonly subresources: readonly Subresource[];
  /** Syntax of `metadata.name`; answers undefined or what is wrong. */
  nameFault(name: string): string | undefined;
  /** Defaults of a bare object that its messages do not give themselves (templates of the same message stay without). */
  fill?(object: Draft<T>): void;
  /** Sets what only the server may say on creation, e.g. the first status. Runs on a defaulted object that has its name. */
  prepareForCreate?(object: Draft<T>): void;
  /** Takes over from `old` what an update may not touch, besides the status. */
  prepareForUpdate?(object: Draft<T>, old: T): void;
  /** Whether an update raises `metadata.generation`; absent: the kind has no generation. */
  specChanged?(object: T, old: T): boolean;
  /** Rules that hold for a new object alone. */
  checkCreate?(object: T, faults: FaultList): void;
  /** Rules about what may change. The new object was already checked by itself. */
  checkUpdate?(object: T, old: T, faults: FaultList): void;
  checkStatusUpdate?(object: T, old: T, faults: FaultList): void;
  /** The table of `kubectl get`, without the namespace. */
  readonly columns: readonly Column<T>[];
  /** Fields that field selectors may name, besides metadata.name and metadata.namespace. An absent field is the empty text. */
  readonly selectableFields: Readonly<Record<string, FieldReader<T>>>;
}

export interface Kind<T extends ApiObject = ApiObject> extends KindRules<T> {
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  /** `PodList`. */
  readonly listKind: string;
  /** `pods`, `deployments.apps`: how store keys, messages and code name the resource. */
  readonly resource: string;
  /** PUT and PATCH of the object leave the status alone, and those of `/status` all else. */
  readonly hasStatus: boolean;
}

export function kind<T extends ApiObject>(rules: KindRules<NoInfer<T>>): Kind<T> {
  return {
    ...rules,
    apiVersion: rules.group === '' ? rules.version : `${rules.group}/${rules.version}`,
    listKind: `${rules.kind}List`,
    resource: rules.group === '' ? rules.plural : `${rules.plural}.${rules.group}`,
    hasStatus: rules.subresources.includes(statusSubresource),
  };
}

export const allVerbs: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

/** PUT, PATCH and GET of the status alone. */
export const statusSubresource: Subresource = { name: 'status', verbs: ['get', 'patch', 'update'] };

export const scaleSubresource: Subresource = {
  name: 'scale',
  verbs: ['get', 'patch', 'update'],
  body: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
};

/** The usual answer to what counts as a change of what is desired: everything but metadata and status. */
export function specDiffers(object: ApiObject, old: ApiObject): boolean {
  return !deepEqual(spec(object), spec(old));
}

function spec(object: ApiObject): object {
  return { ...object, metadata: undefined, status: undefined };
}
