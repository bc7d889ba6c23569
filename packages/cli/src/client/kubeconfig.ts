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

type Fields = Readonly<Record<string, unknown>>;

/** First of: the flag, `KUBECONFIG` (its first existing file), the local development cluster, `~/.kube/config`. */
export function findKubeconfig(flag: string | undefined, devKubeconfig: string): string {
  if (flag !== undefined) {
    if (!existsSync(flag)) throw new Error(`--kubeconfig: there is no file ${flag}`);
    return flag;
  }
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

/** Throws a sentence that names the file for anything that is missing in it. */
export function loadKubeconfig(path: string, contextName?: string): ClusterAccess {
  const config = readFields(path);
  const wanted = contextName ?? config['current-context'];
  const context = entry(config, 'contexts', 'context', wanted, path);
  const cluster = entry(config, 'clusters', 'cluster', context['cluster'], path);
  const user = entry(config, 'users', 'user', context['user'], path);
  const base = dirname(resolve(path));
  const server = textOf(cluster, 'server');
  if (server === undefined) throw new Error(`${path}: cluster "${context['cluster']}" has no server`);
  if (user['exec'] !== undefined || user['auth-provider'] !== undefined)
    throw new Error(`${path}: user "${context['user']}" needs a plug-in; berth knows certificates and tokens`);
  return {
    server: server.replace(/\/+$/, ''),
    ca: inlineOrFile(cluster, 'certificate-authority', base),
    clientCertificate: inlineOrFile(user, 'client-certificate', base),
    clientKey: inlineOrFile(user, 'client-key', base),
    token: textOf(user, 'token'),
    namespace: textOf(context, 'namespace') ?? 'default',
  };
}

function readFields(path: string): Fields {
  let config: unknown;
  try {
    config = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path} cannot be read: ${(error as Error).message.split('\n')[0]}`, { cause: error });
  }
  if (typeof config !== 'object' || config === null) throw new Error(`${path} is not a kubeconfig`);
  return config as Fields;
}

function entry(config: Fields, list: string, kind: string, name: unknown, path: string): Fields {
  const entries = config[list];
  const known = Array.isArray(entries) ? (entries as readonly Fields[]) : [];
  const found = known.find((each) => each['name'] === name);
  if (found === undefined) throw new Error(`${path}: no ${kind} called "${String(name)}" among ${list}`);
  return (found[kind] ?? {}) as Fields;
}

function inlineOrFile(fields: Fields, name: string, base: string): string | undefined {
  const inline = textOf(fields, `${name}-data`);
  if (inline !== undefined) return Buffer.from(inline, 'base64').toString('utf8');
  const file = textOf(fields, name);
  return file === undefined ? undefined : readFileSync(resolve(base, file), 'utf8');
}

function textOf(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
