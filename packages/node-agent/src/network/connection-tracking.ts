import type { agentV1 } from '@berth/wire';
import type { HostCommands } from '../host/host-commands.ts';
import type { ServiceTarget } from './service-targets.ts';
import { serviceTargets } from './service-targets.ts';

/** A flow that the kernel would go on translating to an endpoint that is no more. */
export interface StaleFlow {
  readonly protocol: 'tcp' | 'udp';
  /** Address of the endpoint. */
  readonly ip: string;
  readonly port: number;
}

/**
 * What has to be forgotten after a change. UDP: every endpoint that no longer takes new flows, since a client that keeps talking would
 * never move. TCP: only endpoints that have vanished altogether; one that is merely ending still answers the connections it has.
 */
export function staleFlows(
  before: readonly agentV1.ServiceEntry[],
  after: readonly agentV1.ServiceEntry[],
): readonly StaleFlow[] {
  const listed = new Set(
    after.flatMap(({ ports }) =>
      ports.flatMap(({ protocol, endpoints }) =>
        endpoints.map(({ ip, port }) => `${protocol.toLowerCase()} ${ip} ${port}`),
      ),
    ),
  );
  const used = flowsOf(serviceTargets(after, []));
  return [...flowsOf(serviceTargets(before, [])).entries()]
    .filter(([key, { protocol }]) => (protocol === 'udp' ? !used.has(key) : !listed.has(key)))
    .map(([, flow]) => flow);
}

function flowsOf(targets: readonly ServiceTarget[]): ReadonlyMap<string, StaleFlow> {
  return new Map(
    targets.flatMap(({ protocol, endpoints }) =>
      endpoints.map(({ ip, port }): [string, StaleFlow] => [`${protocol} ${ip} ${port}`, { protocol, ip, port }]),
    ),
  );
}

export async function dropFlows(commands: HostCommands, flows: readonly StaleFlow[]): Promise<void> {
  for (const { protocol, ip, port } of flows) {
    const filter = ['--proto', protocol, '--reply-src', ip, '--reply-port-src', String(port), '--dst-nat'];
    // conntrack ends with 1 when there was nothing to delete.
    await commands.run('conntrack', ['-D', ...filter]).catch(() => undefined);
  }
}
