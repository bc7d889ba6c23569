import type { World } from '@berth/world';
import type { Logger } from 'pino';
import { JoinError, type Joined, joinCluster } from '../security/join-client.ts';
import type { KeyPairPem } from '../security/x509.ts';
import { storeDirectoryId } from './embedded-engine.ts';
import type { OwnAddresses } from './server-ground.ts';

export interface ServerJoiningOptions {
  readonly urls: readonly string[];
  readonly token: string;
  readonly dataDir: string;
  readonly addresses: OwnAddresses;
  /** For the certificate. */
  readonly alternativeNames: readonly string[];
  readonly world: World;
  readonly log: Logger;
}

const firstPauseMs = 500;
const longestPauseMs = 5_000;

/**
 * Asks the given servers in turn until one admits this one. Servers of a new cluster are often started together, so one that does not
 * answer yet is waited for; a refusal ends the attempt.
 */
export function serverJoining(options: ServerJoiningOptions): (keys: KeyPairPem) => Promise<Joined> {
  const { alternativeNames, dataDir, log, token, urls, world } = options;
  const { name, ...addresses } = options.addresses;
  return async (keys) => {
    const directoryId = await storeDirectoryId(dataDir, world);
    for (let attempt = 0; ; attempt++) {
      const url = urls[attempt % urls.length] ?? '';
      try {
        return await joinCluster({ url, token, name, server: { ...addresses, directoryId, alternativeNames }, keys });
      } catch (error) {
        if (!(error instanceof JoinError) || !error.retry) throw error;
        log.warn({ url }, `cannot join yet: ${error.message}`);
      }
      await world.timers.sleep(Math.min(firstPauseMs * 2 ** Math.floor(attempt / urls.length), longestPauseMs));
    }
  };
}
