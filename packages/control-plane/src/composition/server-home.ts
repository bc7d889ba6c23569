import { join } from 'node:path';
import type { World } from '@berth/world';
import { containsAddress, type Ipv4Range, parseIpv4Range } from '../registry/allocation/ipv4-range.ts';
import {
  type CertificateAuthority,
  certificateAuthority,
  createCertificateAuthority,
} from '../security/certificate-authority.ts';
import { nameFault } from '../security/identity.ts';
import type { Joined } from '../security/join-client.ts';
import type { ClusterSettings, Membership } from '../security/join-messages.ts';
import { readFileIfPresent, writeSecretFile } from '../security/secret-file.ts';
import { serverCertificatePath, serverKeyPath } from '../security/server-certificate.ts';
import { generateKeyPair, type KeyPairPem, keyPairOf } from '../security/x509.ts';

/** What a server knows about itself and its cluster before it has a store; lies in the data directory. */
export interface ServerHome {
  readonly dataDir: string;
  /** Fixed at the first start. */
  readonly name: string;
  /** `founded`: this server made the cluster. `joined`: it was added to one. */
  readonly origin: 'founded' | 'joined';
  readonly settings: ClusterSettings;
  readonly authority: CertificateAuthority;
  /** Of a joined cluster, as its store is called. */
  readonly clusterId?: string;
  /** Place in the consensus group that a joined cluster gave to this server. */
  readonly membership?: Membership;
  /** Whether a store was opened here before: then an empty store folder is a loss, not a beginning. */
  readonly hasStore: boolean;
  /** To be called once the store has been opened. */
  noteStore(): Promise<void>;
}

interface HomeFile {
  readonly version: 1;
  readonly name: string;
  readonly origin: 'founded' | 'joined';
  readonly settings: ClusterSettings;
  readonly clusterId?: string;
  readonly membership?: Membership;
  readonly hasStore: boolean;
}

export interface ServerHomeOptions {
  readonly world: World;
  readonly dataDir: string;
  readonly name: string;
  /** For a new cluster; of an existing one they are fixed, and those given are compared. */
  readonly settings: Partial<ClusterSettings>;
  /** How to join, when the data directory is empty and the server was told to. */
  readonly join?: ((keys: KeyPairPem) => Promise<Joined>) | undefined;
}

const defaultSettings: ClusterSettings = {
  podCidr: '10.244.0.0/16',
  serviceCidr: '10.96.0.0/16',
  clusterDomain: 'cluster.local',
};

/**
 * Finds the identity of this server, or makes it: by joining a cluster, or by founding one. The file that says so is written
 * last, so that a crash in between leaves a directory that starts afresh.
 */
export async function openServerHome(options: ServerHomeOptions): Promise<ServerHome> {
  const text = await readFileIfPresent(homePath(options.dataDir));
  if (text !== undefined) return await reopen(options, JSON.parse(text) as HomeFile);
  const fault = nameFault(options.name);
  if (fault !== undefined) throw new Error(`--name: ${fault}`);
  return options.join === undefined ? await foundCluster(options) : await joinExisting(options, options.join);
}

async function reopen(options: ServerHomeOptions, file: HomeFile): Promise<ServerHome> {
  const { dataDir, name, settings, world } = options;
  if (file.version !== 1)
    throw new Error(`${homePath(dataDir)} has version ${file.version}: it was written by a newer Berth`);
  if (file.name !== name)
    throw new Error(
      `${dataDir} belongs to server ${file.name}, not to ${name}: a server keeps its name and its data directory`,
    );
  for (const field of ['podCidr', 'serviceCidr', 'clusterDomain'] as const)
    if (settings[field] !== undefined && settings[field] !== file.settings[field])
      throw new Error(
        `${field} is ${file.settings[field]} since the cluster was made and cannot become ${settings[field]}`,
      );
  const [certificate, privateKey] = await Promise.all([
    readFileIfPresent(certificatePath(dataDir)),
    readFileIfPresent(keyPath(dataDir)),
  ]);
  if (certificate === undefined || privateKey === undefined)
    throw new Error(
      `the certificate authority is missing in ${pkiFolder(dataDir)}: restore ca.crt and ca.key from a backup or another server`,
    );
  return serverHome(dataDir, file, certificateAuthority(world, { certificate, privateKey }));
}

async function foundCluster({ dataDir, name, settings: given, world }: ServerHomeOptions): Promise<ServerHome> {
  const settings = { ...defaultSettings, ...given };
  checkSettings(settings);
  const authority = (await keptAuthority(dataDir, world)) ?? (await createCertificateAuthority(world));
  const file: HomeFile = { version: 1, name, origin: 'founded', settings, hasStore: false };
  await write(dataDir, file, authority);
  return serverHome(dataDir, file, authority);
}

/** A restored server is given the authority of the cluster it restores, so that everybody who trusted it goes on to. */
async function keptAuthority(dataDir: string, world: World): Promise<CertificateAuthority | undefined> {
  const [certificate, privateKey] = await Promise.all([
    readFileIfPresent(certificatePath(dataDir)),
    readFileIfPresent(keyPath(dataDir)),
  ]);
  if (certificate === undefined || privateKey === undefined) return undefined;
  return certificateAuthority(world, { certificate, privateKey });
}

/** They can never be changed, so they are looked at before anything is written. */
function checkSettings({ clusterDomain, podCidr, serviceCidr }: ClusterSettings): void {
  const pods = rangeOf('--pod-cidr', podCidr);
  const services = rangeOf('--service-cidr', serviceCidr);
  if (containsAddress(pods, services.first) || containsAddress(services, pods.first))
    throw new Error(`--pod-cidr ${podCidr} and --service-cidr ${serviceCidr} must not overlap`);
  const fault = nameFault(clusterDomain);
  if (fault !== undefined) throw new Error(`--cluster-domain: ${fault}`);
}

function rangeOf(flag: string, text: string): Ipv4Range {
  try {
    return parseIpv4Range(text);
  } catch (error) {
    throw new Error(`${flag}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function joinExisting(
  { dataDir, name, world }: ServerHomeOptions,
  join: NonNullable<ServerHomeOptions['join']>,
): Promise<ServerHome> {
  const joined = await join(await keptKeys(pkiFolder(dataDir)));
  if (joined.server === undefined) throw new Error('the cluster did not hand out what a server needs');
  const { caKey, membership } = joined.server;
  const file: HomeFile = {
    version: 1,
    name,
    origin: 'joined',
    settings: joined.settings,
    clusterId: joined.clusterId,
    ...(membership === undefined ? {} : { membership }),
    hasStore: false,
  };
  const authority = certificateAuthority(world, { certificate: joined.caCertificate, privateKey: caKey });
  await writeSecretFile(serverCertificatePath(pkiFolder(dataDir)), joined.certificate);
  await write(dataDir, file, authority);
  return serverHome(dataDir, file, authority);
}

/** A second attempt after a crash must come with the key of the first: the name is claimed for it. */
async function keptKeys(folder: string): Promise<KeyPairPem> {
  const kept = await readFileIfPresent(serverKeyPath(folder));
  if (kept !== undefined) return keyPairOf(kept);
  const keys = await generateKeyPair();
  await writeSecretFile(serverKeyPath(folder), keys.privateKey);
  return keys;
}

function serverHome(dataDir: string, file: HomeFile, authority: CertificateAuthority): ServerHome {
  const noteStore = async (): Promise<void> => {
    if (!file.hasStore) await writeHomeFile(dataDir, { ...file, hasStore: true });
  };
  return { ...file, dataDir, authority, noteStore };
}

async function write(dataDir: string, file: HomeFile, authority: CertificateAuthority): Promise<void> {
  await writeSecretFile(keyPath(dataDir), authority.privateKey);
  await writeSecretFile(certificatePath(dataDir), authority.certificate);
  await writeHomeFile(dataDir, file);
}

function writeHomeFile(dataDir: string, file: HomeFile): Promise<void> {
  return writeSecretFile(homePath(dataDir), `${JSON.stringify(file, null, 2)}\n`);
}

function homePath(dataDir: string): string {
  return join(dataDir, 'server.json');
}

export function pkiFolder(dataDir: string): string {
  return join(dataDir, 'pki');
}

function certificatePath(dataDir: string): string {
  return join(pkiFolder(dataDir), 'ca.crt');
}

function keyPath(dataDir: string): string {
  return join(pkiFolder(dataDir), 'ca.key');
}
