import { createHash } from 'node:crypto';
import type { agentV1 } from '@berth/wire';
import { contains, parseCidr, parseIpv4 } from './ipv4.ts';
import type { Chain, NamedSet, Ruleset } from './ruleset.ts';
import { type LocalNode, type ServiceTarget, serviceTargets } from './service-targets.ts';

export interface ServiceRulesetInput {
  readonly services: readonly agentV1.ServiceEntry[];
  /** Every block of pod addresses of the cluster. */
  readonly podCidrs: readonly string[];
  /** Nodes whose pods are on this machine. */
  readonly localNodes: readonly LocalNode[];
  /** Where services have their addresses; undefined when unknown. */
  readonly serviceCidr: string | undefined;
}

/**
 * The kernel's table of services: a look-up by address, protocol and port leads to one chain per port of a service, whose one rule picks
 * an endpoint at random. So a connection costs the same whatever the number of services, and a change of one service touches one
 * chain.
 *
 * Sources are kept wherever the answer comes back through this machine: a pod sees the address of the pod or of the machine that calls
 * it. Only what would be answered past us is masqueraded.
 */
export function serviceRuleset(input: ServiceRulesetInput): Ruleset {
  const sets = new Map<string, NamedSet>();
  const chains = new Map<string, Chain>();
  const targets = serviceTargets(input.services, input.localNodes);
  const addresses = new Map<string, string>();
  const nodePorts = new Map<string, string>();
  const refused = new Map<string, string>();
  const hairpins = new Map<string, string>();
  const others = new Map<string, string>();
  const podBlocks = input.podCidrs.map(parseCidr);
  for (const target of targets) {
    const cluster = addTargetChain(sets, chains, target);
    for (const ip of target.addresses) {
      const key = `${ip} . ${target.protocol} . ${target.port}`;
      if (cluster === undefined) refused.set(key, '');
      else addresses.set(key, `goto ${ip === target.clusterIp ? cluster.inside : cluster.outside}`);
    }
    if (target.nodePort !== 0 && cluster !== undefined) {
      nodePorts.set(`${target.protocol} . ${target.nodePort}`, `goto ${cluster.outside}`);
    }
    for (const { ip, isLocal } of target.endpoints) {
      if (isLocal) hairpins.set(`${ip} . ${ip}`, '');
      if (!podBlocks.some((block) => contains(block, parseIpv4(ip)))) others.set(ip, '');
    }
  }
  const cidrs = (list: readonly string[]) => new Map([...new Set(list)].sort().map((cidr) => [cidr, '']));
  const key = 'ipv4_addr . inet_proto . inet_service';
  sets.set('addresses', { kind: 'map', declaration: `type ${key} : verdict;`, elements: addresses });
  sets.set('node-ports', {
    kind: 'map',
    declaration: 'type inet_proto . inet_service : verdict;',
    elements: nodePorts,
  });
  sets.set('refused', { kind: 'set', declaration: `type ${key};`, elements: refused });
  sets.set('hairpins', { kind: 'set', declaration: 'type ipv4_addr . ipv4_addr;', elements: hairpins });
  sets.set('other-endpoints', { kind: 'set', declaration: 'type ipv4_addr;', elements: others });
  const blocks = 'type ipv4_addr; flags interval;';
  sets.set('pods', { kind: 'set', declaration: blocks, elements: cidrs(input.podCidrs) });
  sets.set('local-pods', {
    kind: 'set',
    declaration: blocks,
    elements: cidrs(input.localNodes.map(({ podCidr }) => podCidr)),
  });
  return { sets, chains: new Map([...chains, ...fixedChains(input.serviceCidr)]) };
}

function fixedChains(serviceCidr: string | undefined): readonly [string, Chain][] {
  const lookUp = [
    'ip daddr . meta l4proto . th dport vmap @addresses',
    'fib daddr type local meta l4proto . th dport vmap @node-ports',
  ];
  const refusals = [
    'ip daddr . meta l4proto . th dport @refused goto refuse',
    ...(serviceCidr === undefined ? [] : [`ip daddr ${serviceCidr} goto refuse`]),
  ];
  return [
    ['enter', { hook: 'type nat hook prerouting priority -110;', rules: lookUp }],
    ['enter-local', { hook: 'type nat hook output priority -110;', rules: lookUp }],
    ['refuse', { rules: ['meta l4proto tcp reject with tcp reset', 'reject'] }],
    // Before Docker's own rules, which drop without a word.
    ['refuse-forwarded', { hook: 'type filter hook forward priority -10;', rules: refusals }],
    ['refuse-local', { hook: 'type filter hook output priority -10;', rules: refusals }],
    [
      'leave',
      {
        hook: 'type nat hook postrouting priority 90;',
        rules: [
          // A pod that calls itself through a service must not see its own address as the caller's.
          'ct status dnat ip saddr . ip daddr @hairpins masquerade',
          // A client on this machine called a node port at 127.0.0.1.
          'ct status dnat ip saddr 127.0.0.0/8 masquerade',
          // Somebody from elsewhere called a node port here and is served elsewhere: the answer has to come back through us.
          // (Other clusters on this machine translate too: only what goes to our endpoints is our business.)
          'ct status dnat ip daddr @pods ip daddr != @local-pods ip saddr != @local-pods fib saddr type != local masquerade',
          'ct status dnat ip daddr @other-endpoints ip saddr != @local-pods fib saddr type != local masquerade',
          // Outside the cluster nobody knows the way back to a pod.
          'ip saddr @local-pods ip daddr != @pods masquerade',
        ],
      },
    ],
  ];
}

interface TargetChains {
  /** For the cluster address. */
  readonly inside: string;
  /** For node ports and external addresses. */
  readonly outside: string;
}

function addTargetChain(
  sets: Map<string, NamedSet>,
  chains: Map<string, Chain>,
  target: ServiceTarget,
): TargetChains | undefined {
  if (target.endpoints.length === 0) return undefined;
  const id = hashOf(target.name, target.protocol, String(target.port));
  const everywhere = `svc-${id}`;
  chains.set(everywhere, balancingChain(sets, chains, target, target.endpoints));
  const inside = target.internalLocal ? `int-${id}` : everywhere;
  const outside = target.externalLocal ? `ext-${id}` : everywhere;
  const local = target.endpoints.filter(({ isLocal }) => isLocal);
  if (target.internalLocal) chains.set(inside, internalLocalChain(sets, chains, target));
  if (target.externalLocal) {
    const onMachine = local.length === 0 ? ['drop'] : balancingChain(sets, chains, target, local).rules;
    const rules = ['ip saddr @local-pods', 'fib saddr type local'].map((own) => `${own} goto ${everywhere}`);
    chains.set(outside, { rules: [...rules, ...onMachine] });
  }
  return { inside, outside };
}

/** Each pod is served by its own node's endpoints; programs of the machine itself by all that are on it. */
function internalLocalChain(sets: Map<string, NamedSet>, chains: Map<string, Chain>, target: ServiceTarget): Chain {
  const local = target.endpoints.filter(({ isLocal }) => isLocal);
  const perNode = target.localNodes.flatMap(({ nodeName, podCidr }) => {
    const own = local.filter((endpoint) => endpoint.nodeName === nodeName);
    const rules = own.length === 0 ? ['drop'] : balancingChain(sets, chains, target, own).rules;
    return rules.map((rule) => `ip saddr ${podCidr} ${rule}`);
  });
  const others = local.length === 0 ? ['drop'] : balancingChain(sets, chains, target, local).rules;
  return { rules: [...perNode, ...others] };
}

type Endpoints = ServiceTarget['endpoints'];

function balancingChain(
  sets: Map<string, NamedSet>,
  chains: Map<string, Chain>,
  target: ServiceTarget,
  endpoints: Endpoints,
): Chain {
  const { protocol, affinitySeconds } = target;
  if (affinitySeconds > 0) return stickyChain(sets, chains, target, endpoints);
  const choices = endpoints.map(({ ip, port }, index) => `${index} : ${ip} . ${port}`).join(', ');
  // The protocol has to be matched in the very rule that translates a port, or nft refuses it.
  const rule =
    endpoints.length === 1
      ? `meta l4proto ${protocol} dnat ip to ${endpoints[0]?.ip}:${endpoints[0]?.port}`
      : `meta l4proto ${protocol} dnat ip to numgen random mod ${endpoints.length} map { ${choices} }`;
  return { rules: [rule] };
}

/** A client that was seen within the time goes where it went before. The kernel keeps who was seen, and survives our changes. */
function stickyChain(
  sets: Map<string, NamedSet>,
  chains: Map<string, Chain>,
  target: ServiceTarget,
  endpoints: Endpoints,
): Chain {
  const { protocol, affinitySeconds, name, port } = target;
  const ids = endpoints.map((endpoint) => hashOf(name, protocol, String(port), endpoint.ip, String(endpoint.port)));
  for (const [index, id] of ids.entries()) {
    const endpoint = endpoints[index];
    sets.set(`seen-${id}`, {
      kind: 'set',
      declaration: `type ipv4_addr; flags dynamic,timeout; timeout ${affinitySeconds}s;`,
    });
    chains.set(`end-${id}`, {
      rules: [
        `update @seen-${id} { ip saddr timeout ${affinitySeconds}s }`,
        `meta l4proto ${protocol} dnat ip to ${endpoint?.ip}:${endpoint?.port}`,
      ],
    });
  }
  const choices = ids.map((id, index) => `${index} : goto end-${id}`).join(', ');
  return {
    rules: [
      ...ids.map((id) => `ip saddr @seen-${id} goto end-${id}`),
      `numgen random mod ${ids.length} vmap { ${choices} }`,
    ],
  };
}

function hashOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 12);
}
