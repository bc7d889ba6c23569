import type { Pod, PodDNSConfigOption } from '@berth/api';

/** A resolver configuration (resolv.conf(5)). */
export interface ResolverSettings {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  /** e.g. `ndots:5`. */
  readonly options: readonly string[];
}

export interface ClusterResolver {
  /** Address of the DNS server of this node. */
  readonly address: string;
  readonly clusterDomain: string;
}

/** Kubernetes' limits; what is beyond is cut off. */
const nameserversMax = 3;
const searchesMax = 32;
const searchCharactersMax = 2048;

export function parseResolverSettings(text: string): ResolverSettings {
  const lines = text
    .split('\n')
    .map((line) =>
      line
        .replace(/[#;].*/, '')
        .trim()
        .split(/\s+/),
    )
    .filter(([keyword]) => keyword !== '');
  const all = (keyword: string) => lines.filter(([first]) => first === keyword).map(([, ...rest]) => rest);
  return {
    nameservers: all('nameserver').flatMap(([address]) => address ?? []),
    searches: all('search').at(-1) ?? all('domain').at(-1) ?? [],
    options: all('options').flat(),
  };
}

export function formatResolverSettings({ nameservers, searches, options }: ResolverSettings): string {
  return [
    ...(searches.length === 0 ? [] : [`search ${searches.join(' ')}`]),
    ...nameservers.map((address) => `nameserver ${address}`),
    ...(options.length === 0 ? [] : [`options ${options.join(' ')}`]),
    '',
  ].join('\n');
}

/** What a pod's containers find in /etc/resolv.conf, by its `dnsPolicy` and `dnsConfig`. */
export function podResolverSettings(pod: Pod, cluster: ClusterResolver, machine: ResolverSettings): ResolverSettings {
  const base = basicSettings(pod, cluster, machine);
  const { nameservers = [], searches = [], options = [] } = pod.spec.dnsConfig ?? {};
  return {
    nameservers: [...new Set([...base.nameservers, ...nameservers])].slice(0, nameserversMax),
    searches: boundedSearches([...new Set([...base.searches, ...searches])]),
    options: mergedOptions(base.options, options),
  };
}

function basicSettings(
  pod: Pod,
  { address, clusterDomain }: ClusterResolver,
  machine: ResolverSettings,
): ResolverSettings {
  const { dnsPolicy = 'ClusterFirst', hostNetwork } = pod.spec;
  if (dnsPolicy === 'None') return { nameservers: [], searches: [], options: [] };
  const asksCluster = dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && hostNetwork !== true);
  if (!asksCluster || address === '') return machine;
  const own = [`${pod.metadata.namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain];
  return { nameservers: [address], searches: [...own, ...machine.searches], options: ['ndots:5'] };
}

/** An option of the pod replaces one of the same name. */
function mergedOptions(base: readonly string[], own: readonly PodDNSConfigOption[]): readonly string[] {
  const named = new Set(own.map(({ name }) => name));
  const kept = base.filter((option) => !named.has(option.split(':')[0]));
  return [
    ...kept,
    ...own.map(({ name, value }) => (value === undefined || value === '' ? `${name}` : `${name}:${value}`)),
  ];
}

function boundedSearches(searches: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let characters = 0;
  for (const search of searches.slice(0, searchesMax)) {
    characters += search.length + 1;
    if (characters > searchCharactersMax) break;
    kept.push(search);
  }
  return kept;
}
