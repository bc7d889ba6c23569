import { createServer } from 'node:net';

const blocksMax = 64;

/**
 * Addresses and ports that no other test process of this machine uses at the same time: clusters that share a machine's network must not
 * overlap, and tests run side by side.
 */
export interface NetworkBlock {
  /** Of pods: four nodes. */
  readonly podCidr: string;
  readonly serviceCidr: string;
  nodeCidr(index: number): string;
  /** `number` from 1. */
  serviceIp(number: number): string;
  /** Outside of the cluster; `number` from 0 to 3. */
  externalIp(number: number): string;
  /** For node ports and host ports; `number` from 0 to 9. */
  port(number: number): number;
}

/** Takes the first free block; it is given back when the process ends, however it ends. */
export async function claimNetworkBlock(): Promise<NetworkBlock> {
  for (let index = 0; index < blocksMax; index += 1)
    if (await holdName(`\0berth-test-network-${index}`)) return block(index);
  throw new Error(`all ${blocksMax} blocks of addresses for tests are taken by other processes`);
}

function block(index: number): NetworkBlock {
  return {
    podCidr: `10.251.${index * 4}.0/22`,
    serviceCidr: `10.252.${index}.0/24`,
    nodeCidr: (number) => `10.251.${index * 4 + (number % 4)}.0/24`,
    serviceIp: (number) => `10.252.${index}.${number}`,
    externalIp: (number) => `198.51.100.${index * 4 + number}`,
    port: (number) => 31_000 + index * 10 + number,
  };
}

/** True when nobody else listens at this abstract address of the kernel. */
function holdName(name: string): Promise<boolean> {
  const holder = createServer();
  return new Promise((resolve) => {
    holder.once('error', () => resolve(false));
    holder.listen(name, () => resolve(true));
    holder.unref();
  });
}
