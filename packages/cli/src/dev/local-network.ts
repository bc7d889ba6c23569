import { networkInterfaces } from 'node:os';

/** The first `10.x` block from 10.89 on that none of this machine's addresses lies in. */
export function freeNetwork(): string {
  const taken = new Set(
    Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .map(({ address }) => address.split('.').slice(0, 2).join('.')),
  );
  for (let second = 89; second < 240; second++) {
    if (!taken.has(`10.${second}`)) return `10.${second}`;
  }
  throw new Error('no free network among 10.89.0.0/16 to 10.239.0.0/16 for the local cluster');
}
