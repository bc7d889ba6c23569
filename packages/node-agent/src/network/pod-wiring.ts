import { readlink } from 'node:fs/promises';
import type { World } from '@berth/world';
import type { HostCommands } from '../host/host-commands.ts';
import { belongsToContainer } from '../host/process-owner.ts';
import { wireName } from './interface-names.ts';

export interface Wire {
  readonly sandboxId: string;
  readonly pid: number;
  readonly podIp: string;
  readonly gateway: string;
  readonly bridge: string;
  readonly mtu: number;
  /** `net.*` settings for the pod's namespace. */
  readonly sysctls: Readonly<Record<string, string>>;
}

/** The sandbox leaves the machine's network with its first instructions; longer means that something is wrong. */
const unshareLimitMs = 2000;
const lookAgainMs = 1;

/** Gives a sandbox its interface: a pair of wires, one end in the node's bridge. Two short-lived processes, about 5 ms. */
export async function wirePod(commands: HostCommands, world: World, wire: Wire): Promise<void> {
  if (!(await belongsToContainer(wire.pid, wire.sandboxId))) {
    throw new Error(`process ${wire.pid} is not the sandbox: the agent needs the machine's process namespace`);
  }
  await leftMachineNetwork(world, wire.pid);
  const outer = wireName(wire.sandboxId);
  const { pid, podIp, gateway, bridge, mtu } = wire;
  // A wire of that name without the pod's side set up is left from an agent that died half-way: begin again.
  await commands.run('ip', ['link', 'delete', 'dev', outer]).catch(() => undefined);
  await commands.run(
    'ip',
    ['-batch', '-'],
    [
      `link add ${outer} mtu ${mtu} type veth peer name eth0 mtu ${mtu} netns ${pid}`,
      `link set dev ${outer} master ${bridge} up`,
      // Where bridged frames pass the packet filter, a pod that calls itself through a service comes back by the port it left.
      `link set dev ${outer} type bridge_slave hairpin on`,
      '',
    ].join('\n'),
  );
  const inside = [
    'link set dev lo up',
    `address add ${podIp}/32 dev eth0`,
    'link set dev eth0 up',
    `route add ${gateway} dev eth0 scope link`,
    `route add default via ${gateway} dev eth0`,
    '',
  ].join('\n');
  await commands.run('nsenter', [`--net=/proc/${pid}/ns/net`, '--', 'sh', '-c', insideScript(wire.sysctls)], inside);
}

/** Ports below 1024 are open to every user of a container, as container engines have it. */
function insideScript(sysctls: Readonly<Record<string, string>>): string {
  const all = { 'net.ipv4.ip_unprivileged_port_start': '0', ...sysctls };
  // Pods have IPv4 only; a half-made IPv6 address would only make programs wait.
  const noIpv6 = 'printf 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6 2>/dev/null || true';
  const writes = Object.entries(all).map(
    ([name, value]) => `printf %s ${quoted(value)} > ${quoted(`/proc/sys/${name.replaceAll('.', '/')}`)}`,
  );
  return [...writes, `{ ${noIpv6}; }`, 'exec ip -batch -'].join(' && ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

async function leftMachineNetwork(world: World, pid: number): Promise<void> {
  const machine = await readlink('/proc/self/ns/net');
  const endMs = world.clock.monotonicMs() + unshareLimitMs;
  while ((await readlink(`/proc/${pid}/ns/net`)) === machine) {
    if (world.clock.monotonicMs() > endMs) throw new Error('the sandbox did not make a network namespace of its own');
    await world.timers.sleep(lookAgainMs);
  }
}
