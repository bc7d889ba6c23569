import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterPlan, HostPlan } from '../cluster-plan.ts';
import type { LinkQuality } from '../fleet.ts';
import { run, runIn } from '../machine-command.ts';

/** The network namespace that holds every bridge and the router, apart from this machine's own rules and routes. */
export const fabricNamespace = 'berth-fabric';
/** This machine's end of the wire by which kubectl and tests reach the hosts. */
const managementLink = 'berth-mgmt0';

export interface LinkState extends LinkQuality {
  readonly from: number;
  readonly to: number;
}

/** Addresses that belong to each data center, by its number: its hosts and the pods of its nodes. */
export type SiteNetworks = ReadonlyMap<number, readonly string[]>;

export function namespaceOf(host: string): string {
  return `berth-${host}`;
}

export function bridgeOf(dataCenter: number): string {
  return `dc${dataCenter}`;
}

function routerAddress(plan: ClusterPlan, dataCenter: number): string {
  return `${plan.network}.${dataCenter}.1`;
}

/** One bridge per data center, a router between them, and one wire to this machine. Safe to call again. */
export async function makeFabric(plan: ClusterPlan): Promise<void> {
  if (existsSync(`/run/netns/${fabricNamespace}`)) return;
  await run('ip', 'netns', 'add', fabricNamespace);
  await inFabric('ip', 'link', 'set', 'lo', 'up');
  const settings = ['net.ipv4.ip_forward=1', 'net.ipv4.conf.all.rp_filter=0', 'net.ipv4.conf.default.rp_filter=0'];
  await inFabric(
    'sysctl',
    '-qw',
    ...settings,
    'net.ipv4.conf.all.send_redirects=0',
    'net.ipv4.conf.default.send_redirects=0',
  );
  for (let dataCenter = 1; dataCenter <= plan.dataCenters; dataCenter++) {
    await inFabric('ip', 'link', 'add', bridgeOf(dataCenter), 'type', 'bridge', 'forward_delay', '0');
    await inFabric('ip', 'address', 'add', `${routerAddress(plan, dataCenter)}/24`, 'dev', bridgeOf(dataCenter));
    await inFabric('ip', 'link', 'set', bridgeOf(dataCenter), 'up');
  }
  await run('ip', 'link', 'add', managementLink, 'type', 'veth', 'peer', 'name', 'mgmt', 'netns', fabricNamespace);
  await inFabric('ip', 'address', 'add', `${plan.network}.0.1/24`, 'dev', 'mgmt');
  await inFabric('ip', 'link', 'set', 'mgmt', 'up');
  await run('ip', 'address', 'add', `${plan.network}.0.2/24`, 'dev', managementLink);
  await run('ip', 'link', 'set', managementLink, 'up');
  await run('ip', 'route', 'replace', `${plan.network}.0.0/16`, 'via', `${plan.network}.0.1`);
}

/** Plugs a host's network namespace into its data center. */
export async function plugIn(plan: ClusterPlan, host: HostPlan): Promise<void> {
  const namespace = namespaceOf(host.name);
  if (existsSync(`/run/netns/${namespace}`)) return;
  await run('ip', 'netns', 'add', namespace);
  await run(
    'ip',
    'link',
    'add',
    wireOf(host),
    'netns',
    fabricNamespace,
    'type',
    'veth',
    'peer',
    'name',
    'eth0',
    'netns',
    namespace,
  );
  await inFabric('ip', 'link', 'set', wireOf(host), 'master', bridgeOf(host.dataCenter), 'up');
  await runIn(namespace, 'ip', 'link', 'set', 'lo', 'up');
  await runIn(namespace, 'ip', 'link', 'set', 'eth0', 'up');
  await runIn(namespace, 'ip', 'address', 'add', `${host.address}/24`, 'dev', 'eth0');
  await runIn(namespace, 'ip', 'route', 'add', 'default', 'via', routerAddress(plan, host.dataCenter));
  // A new namespace takes ip_forward over from the machine; a fresh host starts with 0, and Docker's FORWARD policy follows from that.
  await runIn(
    namespace,
    'sysctl',
    '-qw',
    'net.ipv4.ip_forward=0',
    'net.ipv4.conf.all.rp_filter=0',
    'net.ipv4.conf.default.rp_filter=0',
  );
}

/** The cable of a host, in or out. */
export async function setWire(host: HostPlan, state: 'up' | 'down'): Promise<void> {
  await inFabric('ip', 'link', 'set', wireOf(host), state);
}

/** Lets the router know where the pods of a node are, as a site's router would learn it. */
export async function routePods(host: HostPlan, podCidr: string): Promise<void> {
  await inFabric('ip', 'route', 'replace', podCidr, 'via', host.address);
}

/** Cuts and loss between data centers, as one nftables table of the fabric that is replaced as a whole. */
export async function applyLinkRules(
  runFolder: string,
  sites: SiteNetworks,
  links: readonly LinkState[],
): Promise<void> {
  const sets = [...sites].map(
    ([site, networks]) =>
      `  set dc${site} {\n    type ipv4_addr\n    flags interval\n    auto-merge\n    elements = { ${networks.join(', ')} }\n  }`,
  );
  const rules = links.flatMap(({ from, to, cut, lossPercent }) => [
    ruleFor(from, to, cut, lossPercent),
    ruleFor(to, from, cut, lossPercent),
  ]);
  const table = [
    'table ip berth_links',
    'delete table ip berth_links',
    'table ip berth_links {',
    ...sets,
    '  chain cross {',
    '    type filter hook prerouting priority -300',
    ...rules.filter((rule) => rule !== ''),
    '  }',
    '}',
    '',
  ].join('\n');
  // nft cannot read the socket that a child's stdin is here: a file it must be.
  const file = join(runFolder, 'links.nft');
  await writeFile(file, table);
  await inFabric('nft', '-f', file);
}

/** Only what comes from a bridge counts: a delayed packet passes here a second time, from the emulator. */
function ruleFor(from: number, to: number, cut: boolean, lossPercent: number): string {
  const match = `    iifname "${bridgeOf(from)}" ip saddr @dc${from} ip daddr @dc${to}`;
  if (cut) return `${match} drop`;
  return lossPercent > 0 ? `${match} numgen random mod 100000 < ${Math.round(lossPercent * 1000)} drop` : '';
}

export async function removeFabric(hosts: readonly HostPlan[]): Promise<void> {
  for (const namespace of [...hosts.map((host) => namespaceOf(host.name)), fabricNamespace]) {
    if (existsSync(`/run/netns/${namespace}`)) await run('ip', 'netns', 'delete', namespace);
  }
  // The wire to this machine goes with the fabric's namespace, but not at once.
  await run('ip', 'link', 'delete', managementLink).catch(() => {});
}

export function inFabric(program: string, ...args: readonly string[]): Promise<string> {
  return runIn(fabricNamespace, program, ...args);
}

/** Interface names end at 15 characters. */
function wireOf(host: HostPlan): string {
  return `v-${host.name}`;
}
