import type { Pod } from '@berth/api';
import type { agentV1 } from '@berth/wire';

/**
 * The variables by which a container finds the services of its namespace, as Kubernetes sets them (and Docker links did before):
 * `WEB_SERVICE_HOST`, `WEB_SERVICE_PORT`, `WEB_PORT_80_TCP_ADDR` and so on. The `kubernetes` service is told to everybody, the others
 * unless `enableServiceLinks` is false.
 */
export function serviceEnvironment(pod: Pod, services: readonly agentV1.ServiceEntry[]): ReadonlyMap<string, string> {
  const { namespace } = pod.metadata;
  const own =
    pod.spec.enableServiceLinks === false ? [] : services.filter((service) => service.namespace === namespace);
  const apiServer = services.filter((service) => service.namespace === 'default' && service.name === 'kubernetes');
  const variables = new Map<string, string>();
  for (const service of [...apiServer, ...own]) {
    if (service.clusterIp === '' || service.ports.length === 0) continue;
    for (const [name, value] of variablesOf(service)) variables.set(name, value);
  }
  return variables;
}

function* variablesOf({ name, clusterIp, ports }: agentV1.ServiceEntry): Generator<[string, string]> {
  const base = shellName(name);
  yield [`${base}_SERVICE_HOST`, clusterIp];
  yield [`${base}_SERVICE_PORT`, String(ports[0]?.port)];
  for (const port of ports) {
    if (port.name !== '') yield [`${base}_SERVICE_PORT_${shellName(port.name)}`, String(port.port)];
  }
  for (const [index, { protocol, port }] of ports.entries()) {
    const scheme = protocol.toLowerCase();
    const url = `${scheme}://${clusterIp}:${port}`;
    const prefix = `${base}_PORT_${port}_${protocol.toUpperCase()}`;
    if (index === 0) yield [`${base}_PORT`, url];
    yield [prefix, url];
    yield [`${prefix}_PROTO`, scheme];
    yield [`${prefix}_PORT`, String(port)];
    yield [`${prefix}_ADDR`, clusterIp];
  }
}

function shellName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
