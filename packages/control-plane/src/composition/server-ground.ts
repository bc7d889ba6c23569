import type { MemberAddress } from '@berth/store';
import { realWorld, type World } from '@berth/world';
import type { DestinationStream, Logger } from 'pino';
import type { Registry as MetricsRegistry } from 'prom-client';
import { hostAndPort } from '../cluster/server-list.ts';
import { openLog } from '../logging/log.ts';
import { type LoopMetrics, loopMetrics } from '../loops/loop-metrics.ts';
import { createMetrics } from '../metrics/process-metrics.ts';
import { serverNames } from '../security/join-service.ts';
import { openServerCertificate, type ServerCertificate } from '../security/server-certificate.ts';
import type { ServerOptions } from '../server-options.ts';
import { commonServerNames } from './cluster-admission.ts';
import { openServerHome, pkiFolder, type ServerHome } from './server-home.ts';
import { serverJoining } from './server-joining.ts';
import type { OpenServerStore } from './server-store.ts';

/** What a test or the simulation replaces. */
export interface ServerEnvironment {
  readonly world?: World;
  readonly logDestination?: DestinationStream;
  readonly openStore?: OpenServerStore;
}

/** A server's addresses, before it has a place in the consensus group. */
export type OwnAddresses = Omit<MemberAddress, 'memberId'>;

/** What every part of a server stands on. */
export interface ServerGround {
  readonly options: ServerOptions;
  readonly world: World;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly loopMetrics: LoopMetrics;
  readonly home: ServerHome;
  readonly addresses: OwnAddresses;
  readonly certificate: ServerCertificate;
}

/** Who this server is: made at its first start, by founding a cluster or by joining one, and found again at later ones. */
export async function openGround(
  options: ServerOptions,
  environment: ServerEnvironment,
  starting: AsyncDisposableStack,
): Promise<ServerGround> {
  const { world = realWorld, logDestination: destination } = environment;
  const { dataDir, logLevel, name, settings } = options;
  const log = openLog({ level: logLevel, serverName: name, ...(destination === undefined ? {} : { destination }) });
  const addresses = ownAddresses(options);
  const ownNames = [options.advertiseAddress, ...options.tlsNames];
  const join =
    options.join === undefined
      ? undefined
      : serverJoining({ ...options.join, dataDir, addresses, alternativeNames: ownNames, world, log });
  const home = await openServerHome({ world, dataDir, name, settings, join });
  log.info({ origin: home.origin, caHash: home.authority.hash }, 'identity opened');
  const certificate = starting.use(
    await openServerCertificate({
      world,
      folder: pkiFolder(dataDir),
      authority: home.authority,
      identity: { kind: 'server', name },
      alternativeNames: serverNames(name, ownNames, commonServerNames(home.settings)),
      report({ kind, detail }) {
        if (kind === 'renewed') log.info({ detail }, 'certificate renewed');
        else log.error({ err: detail }, 'the certificate could not be renewed');
      },
    }),
  );
  const metrics = createMetrics(world);
  return { options, world, log, metrics, loopMetrics: loopMetrics(metrics), home, addresses, certificate };
}

function ownAddresses({
  advertiseAddress: host,
  gatewayListen,
  listen,
  name,
  peerListen,
}: ServerOptions): OwnAddresses {
  return {
    name,
    apiAddress: hostAndPort(host, listen.port),
    gatewayAddress: hostAndPort(host, gatewayListen.port),
    peerAddress: hostAndPort(host, peerListen.port),
  };
}
