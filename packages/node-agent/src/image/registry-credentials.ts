import type { Pod } from '@berth/api';
import type { ConfigView } from '../container/config-store.ts';
import type { RegistryCredentials } from '../engine/engine.ts';
import { registryHost } from '../engine/registry-host.ts';

interface RegistryEntry {
  readonly username?: string;
  readonly password?: string;
  /** base64 of `username:password`. */
  readonly auth?: string;
}

/** The credentials for an image's registry out of the pull secrets of the pod and of its service account, if there are any. */
export function registryCredentials(
  pod: Pod,
  image: string,
  defaultRegistry: string,
  config: ConfigView,
): RegistryCredentials | undefined {
  const namespace = pod.metadata.namespace ?? '';
  const account = config.get('ServiceAccount', namespace, pod.spec.serviceAccountName ?? 'default');
  const names = [...(pod.spec.imagePullSecrets ?? []), ...(account?.imagePullSecrets ?? [])].map(
    ({ name }) => name ?? '',
  );
  const server = registryOf(image, defaultRegistry);
  for (const name of names) {
    const data = config.get('Secret', namespace, name)?.data?.['.dockerconfigjson'];
    const entry = data === undefined ? undefined : entryFor(data, server);
    const credentials = entry === undefined ? undefined : credentialsOf(entry, server);
    if (credentials !== undefined) return credentials;
  }
  return undefined;
}

/** `host[:port]` of an image reference: its first part, when that looks like a host; else the engine's default. */
export function registryOf(image: string, defaultRegistry: string): string {
  const first = image.split('/')[0] ?? '';
  const isHost = image.includes('/') && (first.includes('.') || first.includes(':') || first === 'localhost');
  return isHost ? first : defaultRegistry;
}

function entryFor(base64: string, server: string): RegistryEntry | undefined {
  const parsed = parseJson(Buffer.from(base64, 'base64').toString('utf8'));
  const auths = parsed?.['auths'];
  if (typeof auths !== 'object' || auths === null) return undefined;
  const found = Object.entries(auths).find(([address]) => registryHost(address) === server);
  return found?.[1] as RegistryEntry | undefined;
}

function credentialsOf({ username, password, auth }: RegistryEntry, server: string): RegistryCredentials | undefined {
  if (username !== undefined && password !== undefined) return { server, username, password };
  const text = auth === undefined ? '' : Buffer.from(auth, 'base64').toString('utf8');
  const at = text.indexOf(':');
  return at < 0 ? undefined : { server, username: text.slice(0, at), password: text.slice(at + 1) };
}

function parseJson(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
