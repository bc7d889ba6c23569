import { writeFile } from 'node:fs/promises';
import type { HostCommands } from '../host/host-commands.ts';
import { gatewayOf } from './address-pool.ts';
import type { Cidr } from './ipv4.ts';

/**
 * Makes the node's bridge, or repairs it. Pods have addresses without a subnet (/32) and reach everything, each other included,
 * through the bridge's own address: so every packet is routed, and the kernel's translations see it, whether bridged frames pass
 * the packet filter on this machine or not.
 */
export async function ensureBridge(commands: HostCommands, bridge: string, range: Cidr): Promise<void> {
  const exists = await commands.run('ip', ['link', 'show', 'dev', bridge]).then(
    () => true,
    () => false,
  );
  if (!exists) await commands.run('ip', ['link', 'add', bridge, 'type', 'bridge']);
  const address = gatewayOf(range);
  await setSwitches(bridge);
  await commands.run(
    'ip',
    ['-batch', '-'],
    [
      `link set dev ${bridge} address ${bridgeMac(address)} up`,
      `address replace ${address}/${range.prefix} dev ${bridge}`,
      '',
    ].join('\n'),
  );
}

/** Adds an address of the node itself, for several nodes on one machine. */
export async function addNodeAddress(commands: HostCommands, bridge: string, nodeIp: string): Promise<void> {
  const exists = await commands.run('ip', ['link', 'show', 'dev', bridge]).then(
    () => true,
    () => false,
  );
  if (!exists) await commands.run('ip', ['link', 'add', bridge, 'type', 'bridge']);
  await commands.run('ip', ['-batch', '-'], `link set dev ${bridge} up\naddress replace ${nodeIp}/32 dev ${bridge}\n`);
}

/** A fixed hardware address (locally administered): otherwise the bridge would take on that of each new wire, and pods would lose it. */
function bridgeMac(gateway: string): string {
  const bytes = gateway.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return `02:be:${bytes.join(':')}`;
}

async function setSwitches(bridge: string): Promise<void> {
  const settings = {
    'net/ipv4/ip_forward': '1',
    // Clients on this machine reach node ports at 127.0.0.1; packets from pods to that address are dropped, see node-table.ts.
    [`net/ipv4/conf/${bridge}/route_localnet`]: '1',
    // Pods on one bridge talk through us: we must not tell them to talk directly.
    [`net/ipv4/conf/${bridge}/send_redirects`]: '0',
    [`net/ipv6/conf/${bridge}/disable_ipv6`]: '1',
  };
  for (const [name, value] of Object.entries(settings)) {
    // A kernel without IPv6 has no such file; without the others pods would have no network, and that shows soon enough.
    await writeFile(`/proc/sys/${name}`, value).catch(() => undefined);
  }
}
