import type { agentV1 } from '@berth/wire';
import { usableEndpoints } from '../network/service-targets.ts';

/** What the name server says about one name. */
export interface ZoneEntry {
  readonly addresses: readonly string[];
  readonly services: readonly ServiceRecord[];
  readonly alias: string | undefined;
}

/** An SRV record (RFC 2782). */
export interface ServiceRecord {
  readonly port: number;
  readonly target: string;
}

interface OpenEntry {
  readonly addresses: Set<string>;
  readonly services: ServiceRecord[];
  alias: string | undefined;
}

const addressName = /^(\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3})\.[^.]+\.pod\.$/;

/**
 * The names of a cluster, after Kubernetes' "DNS-based service discovery" (schema 1.1.0), made from one network table. All names inside are in
 * lower case and end in a point.
 */
export class ClusterZone {
  /** e.g. `cluster.local.`. */
  readonly domain: string;
  readonly #entries = new Map<string, OpenEntry>();
  readonly #reverse = new Map<string, string>();

  constructor(clusterDomain: string, table: Pick<agentV1.NetworkTable, 'services'>) {
    this.domain = `${clusterDomain.toLowerCase()}.`;
    for (const service of table.services) this.#addService(service);
  }

  owns(name: string): boolean {
    return name === this.domain || name.endsWith(`.${this.domain}`);
  }

  /** Undefined when there is no such name; an entry without records when only names below it exist. */
  find(name: string): ZoneEntry | undefined {
    const entry = this.#entries.get(name);
    if (entry !== undefined) return { ...entry, addresses: [...entry.addresses] };
    const address = addressName.exec(name.slice(0, -this.domain.length))?.[1];
    if (address !== undefined) return { addresses: [address.replaceAll('-', '.')], services: [], alias: undefined };
    return undefined;
  }

  /** The name of an address of the cluster, for `10.0.96.10.in-addr.arpa.`; undefined when it is none of ours. */
  nameOf(address: string): string | undefined {
    return this.#reverse.get(address);
  }

  #addService(service: agentV1.ServiceEntry): void {
    const name = `${service.name}.${service.namespace}.svc.${this.domain}`.toLowerCase();
    const entry = this.#entry(name);
    if (service.externalName !== '') {
      entry.alias = withPoint(service.externalName);
      return;
    }
    if (service.clusterIp === '') {
      this.#addHeadless(name, service);
      return;
    }
    entry.addresses.add(service.clusterIp);
    this.#reverse.set(service.clusterIp, name);
    for (const port of service.ports) this.#addPort(name, port, [{ port: port.port, target: name }]);
  }

  /** Its endpoints answer for it; each has a name of its own below. */
  #addHeadless(name: string, service: agentV1.ServiceEntry): void {
    const entry = this.#entry(name);
    for (const port of service.ports) {
      const records = usableEndpoints(port.endpoints).map((endpoint): ServiceRecord => {
        const target =
          `${endpoint.hostname === '' ? endpoint.ip.replaceAll('.', '-') : endpoint.hostname}.${name}`.toLowerCase();
        entry.addresses.add(endpoint.ip);
        this.#entry(target).addresses.add(endpoint.ip);
        if (endpoint.hostname !== '') this.#reverse.set(endpoint.ip, target);
        return { port: endpoint.port, target };
      });
      this.#addPort(name, port, records);
    }
  }

  #addPort(name: string, port: agentV1.ServicePort, records: readonly ServiceRecord[]): void {
    if (port.port === 0 && records.every((record) => record.port === 0)) return;
    this.#entry(name).services.push(...records);
    if (port.name === '') return;
    this.#entry(`_${port.name}._${port.protocol}.${name}`.toLowerCase()).services.push(...records);
  }

  /** The entry of a name, with all the names above it up to the domain. */
  #entry(name: string): OpenEntry {
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    const entry: OpenEntry = { addresses: new Set(), services: [], alias: undefined };
    this.#entries.set(name, entry);
    const parent = name.slice(name.indexOf('.') + 1);
    if (name !== this.domain) this.#entry(parent);
    return entry;
  }
}

function withPoint(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith('.') ? lower : `${lower}.`;
}
