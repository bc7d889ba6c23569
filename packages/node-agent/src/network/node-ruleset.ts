import type { HostPort } from './host-ports.ts';
import type { Chain, NamedSet, Ruleset } from './ruleset.ts';

export interface OpenedPort extends HostPort {
  readonly podIp: string;
}

export interface NodeRulesetInput {
  readonly bridge: string;
  readonly openedPorts: readonly OpenedPort[];
  /**
   * The addresses at which ports without an address of their own are open; empty = all of the machine. Nodes that share a machine
   * would take each other's ports otherwise.
   */
  readonly nodeIps: readonly string[];
}

/** The kernel's table of one node: its host ports, and a guard around the machine's loopback address. */
export function nodeRuleset({ bridge, openedPorts, nodeIps }: NodeRulesetInput): Ruleset {
  const lookUp = openedPorts.flatMap((port) => portRules(port, nodeIps));
  const hairpins = new Map(openedPorts.map(({ podIp }) => [`${podIp} . ${podIp}`, '']));
  const sets = new Map<string, NamedSet>([
    ['hairpins', { kind: 'set', declaration: 'type ipv4_addr . ipv4_addr;', elements: hairpins }],
  ]);
  const chains = new Map<string, Chain>([
    // route_localnet lets answers for 127.0.0.1 through the bridge; nothing else may come that way.
    [
      'guard',
      { hook: 'type filter hook prerouting priority -300;', rules: [`iifname "${bridge}" ip daddr 127.0.0.0/8 drop`] },
    ],
    ['enter', { hook: 'type nat hook prerouting priority -105;', rules: lookUp }],
    ['enter-local', { hook: 'type nat hook output priority -105;', rules: lookUp }],
    [
      'leave',
      {
        hook: 'type nat hook postrouting priority 85;',
        rules: [
          'ct status dnat ip saddr . ip daddr @hairpins masquerade',
          `ct status dnat ip saddr 127.0.0.0/8 oifname "${bridge}" masquerade`,
        ],
      },
    ],
  ]);
  return { sets, chains };
}

function portRules(
  { protocol, hostPort, containerPort, hostIp, podIp }: OpenedPort,
  nodeIps: readonly string[],
): readonly string[] {
  const action = `${protocol} dport ${hostPort} dnat ip to ${podIp}:${containerPort}`;
  if (hostIp !== '') return [`ip daddr ${hostIp} ${action}`];
  if (nodeIps.length === 0) return [`fib daddr type local ${action}`];
  return nodeIps.map((address) => `ip daddr ${address} ${action}`);
}
