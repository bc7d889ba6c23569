// The bodies of docs/join-protocol.md, and parsers for those that come in.

export interface ServerAddresses {
  /** `host:port` each. */
  readonly apiAddress: string;
  readonly gatewayAddress: string;
  readonly peerAddress: string;
  /** UUID of the data directory of its store: a directory that was emptied is another member. */
  readonly directoryId: string;
  /** DNS names and addresses under which clients reach this server. */
  readonly alternativeNames: readonly string[];
}

export interface JoinRequest {
  readonly token: string;
  readonly name: string;
  readonly certificateRequest: string;
  /** Only of a machine that wants to become a server. */
  readonly server?: ServerAddresses;
}

export interface ServerEntry {
  readonly name: string;
  readonly apiAddress: string;
  readonly gatewayAddress: string;
}

/** A server's place in the consensus group, as the group gave it. */
export interface Membership {
  readonly memberId: number;
  readonly groupId: string;
}

/** Fixed when the cluster is made. */
export interface ClusterSettings {
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly clusterDomain: string;
}

export interface RenewResponse {
  readonly certificate: string;
  readonly caCertificate: string;
  readonly servers: readonly ServerEntry[];
}

export interface JoinResponse extends RenewResponse {
  readonly clusterId: string;
  readonly settings: ClusterSettings;
  readonly server?: {
    readonly caKey: string;
    /** Absent when the store is not of this cluster (etcd). */
    readonly membership?: Membership;
    readonly peers: readonly { readonly name: string; readonly peerAddress: string }[];
  };
}

/** A parsed body, or the sentence that says what is wrong with it. */
export type Parsed<T> = { readonly value: T } | { readonly fault: string };

const alternativeNamesMax = 32;

export function parseJoinRequest(body: unknown): Parsed<JoinRequest> {
  const fields = record(body);
  if (fields === undefined) return { fault: 'the body must be a JSON object' };
  const { token, name, certificateRequest } = fields;
  if (typeof token !== 'string') return missing('token');
  if (typeof name !== 'string') return missing('name');
  if (typeof certificateRequest !== 'string') return missing('certificateRequest');
  if (fields['server'] === undefined) return { value: { token, name, certificateRequest } };
  const server = parseServerAddresses(fields['server']);
  return 'fault' in server ? server : { value: { token, name, certificateRequest, server: server.value } };
}

export function parseRenewRequest(body: unknown): Parsed<string> {
  const certificateRequest = record(body)?.['certificateRequest'];
  return typeof certificateRequest === 'string' ? { value: certificateRequest } : missing('certificateRequest');
}

function parseServerAddresses(body: unknown): Parsed<ServerAddresses> {
  const fields = record(body);
  if (fields === undefined) return { fault: 'server: must be an object' };
  const { apiAddress, gatewayAddress, peerAddress } = fields;
  if (!isAddress(apiAddress)) return addressFault('apiAddress', apiAddress);
  if (!isAddress(gatewayAddress)) return addressFault('gatewayAddress', gatewayAddress);
  if (!isAddress(peerAddress)) return addressFault('peerAddress', peerAddress);
  const directoryId = fields['directoryId'];
  if (typeof directoryId !== 'string' || !uuidPattern.test(directoryId))
    return { fault: `server.directoryId: must be a UUID, got ${JSON.stringify(directoryId)}` };
  const alternativeNames = fields['alternativeNames'] ?? [];
  if (!isNameList(alternativeNames))
    return { fault: `server.alternativeNames: must be at most ${alternativeNamesMax} host names or addresses` };
  return { value: { apiAddress, gatewayAddress, peerAddress, directoryId, alternativeNames } };
}

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const addressPattern = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]{1,253}):([0-9]{1,5})$/;

function isAddress(value: unknown): value is string {
  const port = typeof value === 'string' ? addressPattern.exec(value)?.[2] : undefined;
  return port !== undefined && Number(port) > 0 && Number(port) <= 65_535;
}

function addressFault(field: string, found: unknown): { readonly fault: string } {
  return { fault: `server.${field}: must look like "10.0.0.1:6443", got ${JSON.stringify(found)}` };
}

function isNameList(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length <= alternativeNamesMax &&
    value.every((name) => typeof name === 'string' && /^[A-Za-z0-9.:*_-]{1,253}$/.test(name))
  );
}

function missing(field: string): { readonly fault: string } {
  return { fault: `${field}: must be a text` };
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
