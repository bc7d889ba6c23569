import { formatAge } from '../text/age.ts';
import type { ApiObject } from './api-object.ts';

/** One cell of a table row; texts are ready to print. */
export type Cell = string | number;

/** A column of the table that `kubectl get` prints for a kind. */
export interface Column<T> {
  readonly name: string;
  readonly type: 'string' | 'integer';
  /** `name` marks the column that identifies the row. */
  readonly format: '' | 'name';
  readonly description: string;
  /** Above 0: shown by `-o wide` alone. */
  readonly priority: 0 | 1;
  /** `nowMs`: milliseconds since the epoch, for ages. */
  cell(object: T, nowMs: number): Cell;
}

type CellOf<T> = (object: T, nowMs: number) => Cell;

export function textColumn<T>(name: string, description: string, cell: CellOf<T>): Column<T> {
  return { name, type: 'string', format: '', description, priority: 0, cell };
}

export function numberColumn<T>(name: string, description: string, cell: CellOf<T>): Column<T> {
  return { name, type: 'integer', format: '', description, priority: 0, cell };
}

/** Shown by `-o wide` alone. */
export function wide<T>(column: Column<T>): Column<T> {
  return { ...column, priority: 1 };
}

/** The first column of every table. */
export const nameColumn: Column<ApiObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name of the object, unique within its namespace.',
  priority: 0,
  cell: ({ metadata }) => metadata.name ?? '',
};

export const ageColumn: Column<ApiObject> = textColumn(
  'Age',
  'Time since the object was made.',
  ({ metadata }, nowMs) => formatAge(metadata.creationTimestamp, nowMs),
);

/** What an empty cell shows. */
export const none = '<none>';

export function orNone(text: string | undefined): string {
  return text === undefined || text === '' ? none : text;
}
