import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';

/** What is needed to talk to one cluster as one user. PEM texts. */
export interface ClusterAccess {
  readonly server: string;
  readonly ca: string | undefined;
  readonly clientCertificate: string | undefined;
  readonly clientKey: string | undefined;
  readonly token: string | undefined;
  readonly namespace: string;
}

interface NamedEntries {
  readonly name: string;
  readonly [kind: string]: unknown;
}

type Fields = Readonly<Record<string, string | undefined>>;

/** First of: the flag, `KUBECONFIG` (its first existing file), the local development cluster, `~/.kube/config`. */
export function findKubeconfig(flag: string | undefined, devKubeconfig: string): string {
  if (flag !== undefined) return flag;
  const listed = (process.env['KUBECONFIG'] ?? '').split(':').filter((path) => path !== '');
  const candidates = [...listed, devKubeconfig, join(homedir(), '.kube/config')];
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error(
      'no kubeconfig found: start a local cluster with `berth dev up`, or name a file with --kubeconfig or KUBECONFIG',
    );
  }
  return found;
}

export function loadKubeconfig(path: string, contextName?: string): ClusterAccess {
  const config = parse(readFileSync(path, 'utf8')) as Readonly<Record<string, unknown>>;
  const wanted = contextName ?? config['current-context'];
  const context = entry(config, 'contexts', 'context', wanted, path);
  const cluster = entry(config, 'clusters', 'cluster', context['cluster'], path);
  const user = entry(config, 'users', 'user', context['user'], path);
  const base = dirname(resolve(path));
  const server = cluster['server'];
  if (server === undefined) throw new Error(`${path}: cluster "${context['cluster']}" has no server`);
  return {
    server: server.replace(/\/+$/, ''),
    ca: inlineOrFile(cluster, 'certificate-authority', base),
    clientCertificate: inlineOrFile(user, 'client-certificate', base),
    clientKey: inlineOrFile(user, 'client-key', base),
    token: user['token'],
    namespace: context['namespace'] ?? 'default',
  };
}

function entry(
  config: Readonly<Record<string, unknown>>,
  list: string,
  kind: string,
  name: unknown,
  path: string,
): Fields {
  const entries = (config[list] ?? []) as readonly NamedEntries[];
  const found = entries.find((each) => each.name === name);
  if (found === undefined) throw new Error(`${path}: no ${kind} called "${String(name)}" among ${list}`);
  return (found[kind] ?? {}) as Fields;
}

function inlineOrFile(fields: Fields, name: string, base: string): string | undefined {
  const inline = fields[`${name}-data`];
  if (inline !== undefined) return Buffer.from(inline, 'base64').toString('utf8');
  const file = fields[name];
  return file === undefined ? undefined : readFileSync(resolve(base, file), 'utf8');
}
