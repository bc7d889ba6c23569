import { ageColumn, type Column, nameColumn, none, orNone, textColumn, wide } from '../../kind/table-column.ts';
import type { Service } from './service.ts';

export const serviceColumns: readonly Column<Service>[] = [
  nameColumn,
  textColumn('Type', 'From where the service is reached.', ({ spec }) => spec.type ?? ''),
  textColumn('Cluster-IP', 'Address within the cluster.', ({ spec }) => orNone(spec.clusterIP)),
  textColumn('External-IP', 'Address from outside.', externalText),
  textColumn('Port(s)', 'Ports, each with its node port if it has one.', portsText),
  ageColumn,
  wide(textColumn('Selector', 'Labels of the pods.', selectorText)),
];

function externalText({ spec, status }: Service): string {
  const own = spec.externalIPs ?? [];
  switch (spec.type) {
    case 'ExternalName':
      return orNone(spec.externalName);
    case 'LoadBalancer': {
      const places = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? '');
      const shown = [...places.filter((place) => place !== ''), ...own];
      return shown.length === 0 ? '<pending>' : shown.join(',');
    }
    default:
      return own.length === 0 ? none : own.join(',');
  }
}

function portsText({ spec }: Service): string {
  const ports = (spec.ports ?? []).map(({ port, nodePort, protocol }) =>
    nodePort === undefined ? `${port}/${protocol}` : `${port}:${nodePort}/${protocol}`,
  );
  return orNone(ports.join(','));
}

function selectorText({ spec }: Service): string {
  const labels = Object.entries(spec.selector ?? {}).map(([key, value]) => `${key}=${value}`);
  return orNone(labels.sort().join(','));
}
