import { ageColumn, type Column, nameColumn, textColumn } from '../../kind/table-column.ts';
import type { EndpointSlice } from './endpoint-slice.ts';

const shownMax = 3;

export const endpointSliceColumns: readonly Column<EndpointSlice>[] = [
  nameColumn,
  textColumn('AddressType', 'What the addresses are.', ({ addressType }) => addressType),
  textColumn('Ports', 'Ports of every endpoint.', ({ ports = [] }) =>
    shortList(ports.map(({ port }) => (port === undefined ? '*' : String(port)))),
  ),
  textColumn('Endpoints', 'Addresses of the endpoints.', ({ endpoints = [] }) =>
    shortList(endpoints.flatMap(({ addresses }) => addresses)),
  ),
  ageColumn,
];

function shortList(texts: readonly string[]): string {
  if (texts.length === 0) return '<unset>';
  const shown = texts.slice(0, shownMax).join(',');
  return texts.length > shownMax ? `${shown} + ${texts.length - shownMax} more...` : shown;
}
