import { CommandError, type HostCommands } from '../host/host-commands.ts';

/**
 * Lets the traffic of a bridge, and of services, through where Docker has closed the machine for forwarding (policy DROP): its chain DOCKER-USER is made for
 * such rules, and Docker leaves it alone. Where that chain is missing, the FORWARD chain itself is used.
 */
export async function allowForwarding(commands: HostCommands, bridge: string): Promise<void> {
  const chain = await forwardingChain(commands);
  if (chain === undefined) return;
  for (const rule of rulesFor(bridge)) {
    if (!(await succeeds(commands, ['-C', chain, ...rule])))
      await commands.run('iptables', ['-w', '-I', chain, ...rule]);
  }
}

export async function withdrawForwarding(commands: HostCommands, bridge: string): Promise<void> {
  for (const chain of ['DOCKER-USER', 'FORWARD']) {
    for (const rule of rulesFor(bridge)) {
      while (await succeeds(commands, ['-D', chain, ...rule]));
    }
  }
}

function rulesFor(bridge: string): readonly (readonly string[])[] {
  const remark = (text: string): readonly string[] => ['-m', 'comment', '--comment', text, '-j', 'ACCEPT'];
  return [
    ['-i', bridge, ...remark('berth')],
    ['-o', bridge, ...remark('berth')],
    // A node port is asked from outside and may be answered by a pod of another node: such packets never see the bridge.
    ['-m', 'conntrack', '--ctstate', 'DNAT', ...remark(`berth ${bridge}`)],
  ];
}

/** Undefined on a machine without iptables: then nobody has closed it that way. */
async function forwardingChain(commands: HostCommands): Promise<string | undefined> {
  try {
    await commands.run('iptables', ['-w', '-n', '-L', 'DOCKER-USER']);
    return 'DOCKER-USER';
  } catch (error) {
    return error instanceof CommandError && error.exitCode !== undefined ? 'FORWARD' : undefined;
  }
}

function succeeds(commands: HostCommands, args: readonly string[]): Promise<boolean> {
  return commands.run('iptables', ['-w', ...args]).then(
    () => true,
    () => false,
  );
}
