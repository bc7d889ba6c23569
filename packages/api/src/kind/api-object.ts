import { type ObjectMeta, objectMeta } from '../meta/v1/object-meta.ts';
import { filled } from '../schema/field.ts';
import { nested, text } from '../schema/field-builder.ts';
import type { FieldsOf } from '../schema/message.ts';

/** What all objects of the API have. */
export interface ApiObject {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: ObjectMeta;
}

/** What the server has filled in for every object that it stores. */
export interface StoredMeta extends ObjectMeta {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
}

/** An object as it comes from the store: named, identified, revisioned, defaulted. */
export type Stored<K extends { readonly metadata: ObjectMeta }> = Omit<K, 'metadata'> & {
  readonly metadata: StoredMeta;
};

const kindText = 'Kind of the object, e.g. Pod; the path of the request gives it when absent.';
const apiVersionText = 'Group and version of the kind, e.g. apps/v1; the path of the request gives it when absent.';

/** The first fields of every kind, in the order of stored bytes. */
export const apiObjectFields: FieldsOf<ApiObject> = {
  kind: filled(text(0, kindText)),
  apiVersion: filled(text(0, apiVersionText)),
  metadata: filled(nested(1, 'Name, labels and what else all objects have.', objectMeta)),
};

interface TypeMeta {
  readonly kind?: string;
  readonly apiVersion?: string;
}

/** The first fields of bodies that are no objects, e.g. DeleteOptions. */
export const typeFields: FieldsOf<TypeMeta> = { kind: text(0, kindText), apiVersion: text(0, apiVersionText) };
