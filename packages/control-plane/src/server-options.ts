import { hostname, networkInterfaces } from 'node:os';
import { join as joinPath } from 'node:path';
import { parseArgs } from 'node:util';
import { type LogLevel, logLevels } from './logging/log.ts';
import { isLoopback } from './metrics/metrics-listener.ts';
import { type SchedulerChoice, standardSchedulers } from './scheduling/placement-engine.ts';
import { parseSchedulers } from './scheduling/scheduler-configuration.ts';
import type { ClusterSettings } from './security/join-messages.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Where the key space lies. */
export type StoreChoice =
  | { readonly kind: 'embedded' }
  | {
      readonly kind: 'etcd';
      /** `host:port`. */
      readonly endpoints: readonly string[];
      /** Files, PEM. All or none. */
      readonly tls?: { readonly ca: string; readonly certificate: string; readonly key: string };
    };

/** Of elections in the embedded store and of the loss of nodes, in milliseconds; what is absent has the part's own default. */
export interface ServerTimings {
  readonly tickMs?: number;
  readonly heartbeatMs?: number;
  /** A voter campaigns after one to two of these without a leader. */
  readonly electionMs?: number;
  readonly nodeLossAfterMs?: number;
  readonly newLeaderGraceMs?: number;
  readonly replaceLostAfterMs?: number;
  readonly lostPodLifetimeMs?: number;
}

/** Snapshots that a server saves by itself. */
export interface SnapshotSchedule {
  readonly folder: string;
  readonly everyMs: number;
  /** So many of the newest stay. */
  readonly keep: number;
}

/** A server's configuration, complete and checked. */
export interface ServerOptions {
  readonly name: string;
  readonly dataDir: string;
  readonly listen: ListenAddress;
  readonly gatewayListen: ListenAddress;
  readonly peerListen: ListenAddress;
  /** Host under which other machines reach this server. */
  readonly advertiseAddress: string;
  /** More names for the server's certificate. */
  readonly tlsNames: readonly string[];
  readonly join?: { readonly urls: readonly string[]; readonly token: string };
  readonly region?: string;
  readonly zone?: string;
  /** For a new cluster; of an existing one they are fixed. */
  readonly settings: Partial<ClusterSettings>;
  readonly metricsListen?: ListenAddress;
  readonly logLevel: LogLevel;
  readonly store: StoreChoice;
  readonly timings: ServerTimings;
  /** Absent: none are saved. */
  readonly snapshots?: SnapshotSchedule;
  readonly http2: boolean;
  /** What the scheduler of the leader does for pods, by the scheduler that they name. */
  readonly schedulers: readonly SchedulerChoice[];
}

interface Flag {
  /** What stands for the value in the help. */
  readonly value: string;
  readonly multiple?: true;
  readonly help: string;
}

/** Every flag of `berth server`; the command line's help and the documentation are made from it. */
export const serverFlags: Readonly<Record<string, Flag>> = {
  name: { value: 'NAME', help: 'name of this server, unique in the cluster (default: host name)' },
  'data-dir': { value: 'DIR', help: 'keys, log and state (default: /var/lib/berth/server)' },
  listen: { value: 'HOST:PORT', help: 'HTTPS API (default: 0.0.0.0:6443)' },
  'gateway-listen': { value: 'HOST:PORT', help: 'gRPC for agents and servers (default: 0.0.0.0:6444)' },
  'peer-listen': { value: 'HOST:PORT', help: 'gRPC of the consensus group (default: 0.0.0.0:6445)' },
  'advertise-address': { value: 'HOST', help: 'how other machines reach this one (default: its first address)' },
  'tls-san': { value: 'NAME', multiple: true, help: 'further name or address for the certificate' },
  join: { value: 'URL', multiple: true, help: 'join the cluster of this server instead of making a new one' },
  token: { value: 'TOKEN', help: 'join token of role server' },
  'token-file': { value: 'FILE', help: 'the same, read from a file' },
  region: { value: 'NAME', help: 'topology.kubernetes.io/region of this server' },
  zone: { value: 'NAME', help: 'topology.kubernetes.io/zone of this server' },
  'pod-cidr': { value: 'CIDR', help: 'network of all pods, for a new cluster (default: 10.244.0.0/16)' },
  'service-cidr': { value: 'CIDR', help: 'network of services, for a new cluster (default: 10.96.0.0/16)' },
  'cluster-domain': { value: 'NAME', help: 'DNS domain, for a new cluster (default: cluster.local)' },
  'metrics-listen': { value: 'HOST:PORT', help: 'metrics without TLS, on a loopback address only (default: none)' },
  'log-level': { value: 'LEVEL', help: `${logLevels.join(', ')} (default: info)` },
  store: { value: 'URL', help: 'embedded, or etcd://HOST:PORT[,HOST:PORT] (default: embedded)' },
  'store-ca': { value: 'FILE', help: "etcd's CA certificate" },
  'store-cert': { value: 'FILE', help: 'client certificate for etcd' },
  'store-key': { value: 'FILE', help: 'key of that certificate' },
  'snapshot-every': {
    value: 'DURATION',
    help: 'from one snapshot that this server saves to the next; off for none (default: 12h)',
  },
  'snapshot-dir': { value: 'DIR', help: 'where they go, best on another disk (default: snapshots in --data-dir)' },
  'snapshot-keep': { value: 'COUNT', help: 'how many of the newest stay (default: 5)' },
  'scheduler-config': {
    value: 'FILE',
    help: 'profiles of the scheduler, the same on all servers (default: default-scheduler packs)',
  },
  tick: { value: 'DURATION', help: 'unit of consensus time (default: 50ms)' },
  heartbeat: { value: 'DURATION', help: 'of the leader to its followers (default: 100ms)' },
  'election-timeout': {
    value: 'DURATION',
    help: 'silence of the leader before an election, up to twice that (default: 1s)',
  },
  'node-loss-after': { value: 'DURATION', help: 'from the end of a session to Ready=Unknown (default: 2s)' },
  'new-leader-grace': { value: 'DURATION', help: 'for all nodes to report to a new leader (default: 4s)' },
  'replace-lost-after': { value: 'DURATION', help: 'from Ready=Unknown to replacements elsewhere (default: 1s)' },
  'lost-pod-lifetime': { value: 'DURATION', help: 'how long a lost pod may come back (default: 10m)' },
  http2: { value: 'true|false', help: 'offer HTTP/2 on the API port (default: false)' },
};

export function serverUsage(): string {
  const rows = Object.entries(serverFlags).map(([name, { help, value }]) => [`  --${name} ${value}`, help] as const);
  const width = Math.max(...rows.map(([flag]) => flag.length)) + 2;
  const lines = rows.map(([flag, help]) => `${flag.padEnd(width)}${help}`);
  return `Usage: berth server [flags]\n\nRuns a server of the control plane.\n\n${lines.join('\n')}\n`;
}

/** A mistake on the command line, in a sentence that names the flag. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}

export interface OptionSources {
  readFile(path: string): string;
}

/** Throws a `UsageError`. `argv` is without the program and the command. */
export function parseServerOptions(argv: readonly string[], sources: OptionSources): ServerOptions {
  const flags = new Flags(argv);
  const listen = flags.address('listen') ?? { host: '0.0.0.0', port: 6443 };
  const metricsListen = flags.address('metrics-listen');
  if (metricsListen !== undefined && !isLoopback(metricsListen.host))
    throw new UsageError(`--metrics-listen must be on a loopback address, as it has no TLS, got ${metricsListen.host}`);
  const join = joinOptions(flags, sources);
  const dataDir = flags.text('data-dir') ?? '/var/lib/berth/server';
  return {
    name: flags.text('name') ?? hostname().toLowerCase(),
    dataDir,
    listen,
    gatewayListen: flags.address('gateway-listen') ?? { host: listen.host, port: 6444 },
    peerListen: flags.address('peer-listen') ?? { host: listen.host, port: 6445 },
    advertiseAddress: flags.text('advertise-address') ?? reachableHost(listen.host),
    tlsNames: flags.texts('tls-san'),
    ...(join === undefined ? {} : { join }),
    ...present({
      region: flags.text('region'),
      zone: flags.text('zone'),
      metricsListen,
      snapshots: snapshotSchedule(flags, dataDir),
    }),
    settings: present({
      podCidr: flags.text('pod-cidr'),
      serviceCidr: flags.text('service-cidr'),
      clusterDomain: flags.text('cluster-domain'),
    }),
    logLevel: flags.oneOf('log-level', logLevels) ?? 'info',
    store: storeChoice(flags),
    timings: timings(flags),
    http2: flags.oneOf('http2', ['true', 'false']) === 'true',
    schedulers: schedulers(flags, sources),
  };
}

function joinOptions(flags: Flags, { readFile }: OptionSources): ServerOptions['join'] {
  const urls = flags.texts('join');
  const file = flags.text('token-file');
  if (file !== undefined && flags.text('token') !== undefined)
    throw new UsageError('--token and --token-file exclude each other');
  const token = file === undefined ? flags.text('token') : readFile(file).trim();
  if (urls.length === 0 && token === undefined) return undefined;
  if (urls.length === 0)
    throw new UsageError('--token is for joining: --join must name a server, e.g. https://10.0.0.1:6443');
  if (token === undefined)
    throw new UsageError('--join needs --token: make one with "berth token create --role server"');
  return { urls, token };
}

function schedulers(flags: Flags, { readFile }: OptionSources): readonly SchedulerChoice[] {
  const file = flags.text('scheduler-config');
  if (file === undefined) return standardSchedulers;
  try {
    return parseSchedulers(readFile(file));
  } catch (error) {
    throw new UsageError(`--scheduler-config ${file}: ${(error as Error).message}`, { cause: error });
  }
}

function storeChoice(flags: Flags): StoreChoice {
  const text = flags.text('store') ?? 'embedded';
  const files = [flags.text('store-ca'), flags.text('store-cert'), flags.text('store-key')];
  if (text === 'embedded') {
    if (files.some((file) => file !== undefined))
      throw new UsageError('--store-ca, --store-cert and --store-key are for etcd');
    return { kind: 'embedded' };
  }
  const endpoints = /^etcd:\/\/([^/]+)\/?$/.exec(text)?.[1]?.split(',');
  if (endpoints === undefined)
    throw new UsageError(
      `--store must be "embedded" or look like "etcd://10.0.0.1:2379,10.0.0.2:2379", got ${JSON.stringify(text)}`,
    );
  const [ca, certificate, key] = files;
  if (ca === undefined && certificate === undefined && key === undefined) return { kind: 'etcd', endpoints };
  if (ca === undefined || certificate === undefined || key === undefined)
    throw new UsageError('etcd with TLS needs --store-ca, --store-cert and --store-key');
  return { kind: 'etcd', endpoints, tls: { ca, certificate, key } };
}

function timings(flags: Flags): ServerTimings {
  return present({
    tickMs: flags.durationMs('tick'),
    heartbeatMs: flags.durationMs('heartbeat'),
    electionMs: flags.durationMs('election-timeout'),
    nodeLossAfterMs: flags.durationMs('node-loss-after'),
    newLeaderGraceMs: flags.durationMs('new-leader-grace'),
    replaceLostAfterMs: flags.durationMs('replace-lost-after'),
    lostPodLifetimeMs: flags.durationMs('lost-pod-lifetime'),
  });
}

const defaultSnapshotEveryMs = 12 * 3_600_000;
const defaultSnapshotKeep = 5;

function snapshotSchedule(flags: Flags, dataDir: string): SnapshotSchedule | undefined {
  const folder = flags.text('snapshot-dir') ?? joinPath(dataDir, 'snapshots');
  const keep = flags.count('snapshot-keep') ?? defaultSnapshotKeep;
  if (flags.text('snapshot-every') === 'off') return undefined;
  const everyMs = flags.durationMs('snapshot-every') ?? defaultSnapshotEveryMs;
  if (everyMs < 1_000) throw new UsageError('--snapshot-every must be at least 1s, or off');
  return { folder, everyMs, keep };
}

/** The first address others can use; with a loopback listener there are no others. */
function reachableHost(listenHost: string): string {
  if (listenHost !== '0.0.0.0' && listenHost !== '::') return listenHost;
  const addresses = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

class Flags {
  readonly #values: Readonly<Record<string, string | readonly string[] | undefined>>;

  constructor(argv: readonly string[]) {
    const options = Object.fromEntries(
      Object.entries(serverFlags).map(([name, { multiple }]) => [
        name,
        { type: 'string' as const, multiple: multiple === true },
      ]),
    );
    try {
      this.#values = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values as Readonly<
        Record<string, string | readonly string[] | undefined>
      >;
    } catch (error) {
      throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    if (value === '') throw new UsageError(`--${name} must not be empty`);
    return typeof value === 'string' ? value : undefined;
  }

  texts(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value : [];
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.text(name);
    const found = allowed.find((candidate) => candidate === value);
    if (value !== undefined && found === undefined)
      throw new UsageError(`--${name} must be one of ${allowed.join(', ')}, got ${JSON.stringify(value)}`);
    return found;
  }

  address(name: string): ListenAddress | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:]+)\]|([^:]*)):([0-9]{1,5})$/.exec(value) ?? [];
    if (port === undefined || Number(port) > 65_535)
      throw new UsageError(`--${name} must look like "0.0.0.0:6443" or "[::]:6443", got ${JSON.stringify(value)}`);
    return { host: bracketed ?? (plain === '' || plain === undefined ? '0.0.0.0' : plain), port: Number(port) };
  }

  /** A whole number from 1 on. */
  count(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^[1-9][0-9]{0,5}$/.test(value))
      throw new UsageError(`--${name} must be a whole number from 1 on, got ${JSON.stringify(value)}`);
    return Number(value);
  }

  durationMs(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const [, count, unit = ''] = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)$/.exec(value) ?? [];
    const unitMs = unitsMs[unit];
    if (count === undefined || unitMs === undefined)
      throw new UsageError(`--${name} must look like "500ms", "2s" or "10m", got ${JSON.stringify(value)}`);
    return Number(count) * unitMs;
  }
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Without the fields that are undefined. */
function present<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
