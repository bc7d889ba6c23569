import { X509Certificate } from 'node:crypto';
import type { World } from '@berth/world';
import { messageOf } from '../engine/engine-error.ts';
import type { Log } from '../logging/log.ts';
import { certificateRequest, newPrivateKey } from './certificate-request.ts';
import { clusterRequest } from './cluster-request.ts';
import { type IdentityFiles, type KnownServer, type NodeIdentity, parseServers } from './node-identity.ts';
import { serverFault } from './server-proof.ts';

const retryMsMin = 60_000;
const retryMsMax = 3_600_000;
/** Timers cannot count further than about 24 days. */
const napMsMax = 86_400_000;

export interface RenewalOptions {
  readonly identity: () => NodeIdentity;
  /** New sessions use it from now on; those that run go on. */
  readonly onRenewed: (identity: NodeIdentity) => void;
  /** Who may be asked: `https://host:port` each, in this order. */
  readonly servers: () => readonly string[];
  /** The answer names every server of the cluster. */
  readonly onServers: (servers: readonly KnownServer[]) => void;
  readonly files: IdentityFiles;
  readonly world: World;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Renews the certificate at two thirds of its life, again and again, until aborted. */
export async function keepCertificateFresh(options: RenewalOptions): Promise<void> {
  const { world, log, signal } = options;
  let pauseMs = 0;
  while (!signal.aborted) {
    const dueMs = pauseMs > 0 ? world.clock.wallMs() + pauseMs : renewalTimeMs(options.identity().certificate, world);
    await sleepUntil(world, dueMs, signal);
    if (signal.aborted) return;
    try {
      await renew(options, options.servers());
      pauseMs = 0;
      log.info({}, 'certificate renewed');
    } catch (error) {
      pauseMs = pauseMs === 0 ? retryMsMin : Math.min(pauseMs * 2, retryMsMax);
      log.warn({ error: messageOf(error), againInMs: pauseMs }, 'the certificate could not be renewed');
    }
  }
}

/** Two thirds of the life, plus up to a twentieth at random, so that nodes made together do not all come at once. */
export function renewalTimeMs(certificatePem: string, world: World): number {
  const { validFromDate, validToDate } = new X509Certificate(certificatePem);
  const lifeMs = validToDate.getTime() - validFromDate.getTime();
  const spread = world.random.integer(1000) / 1000 / 20;
  return validFromDate.getTime() + lifeMs * (2 / 3 + spread);
}

/** With a new key, at the first of `servers` that answers. */
export async function renew(
  {
    identity,
    files,
    onRenewed,
    onServers,
    signal,
  }: Pick<RenewalOptions, 'identity' | 'files' | 'onRenewed' | 'onServers' | 'signal'>,
  servers: readonly string[],
): Promise<void> {
  const current = identity();
  const privateKey = newPrivateKey();
  let failure: unknown;
  for (const server of servers) {
    try {
      const answer = await clusterRequest({
        server,
        path: '/berth/v1/certificates/renew',
        method: 'POST',
        signal,
        body: { certificateRequest: certificateRequest(privateKey, current.nodeName) },
        trust: {
          ca: current.caCertificate,
          key: current.privateKey,
          cert: current.certificate,
          checkServerIdentity: (_host, certificate) => serverFault(certificate),
        },
      });
      const { certificate, caCertificate } = answer;
      if (typeof certificate !== 'string' || typeof caCertificate !== 'string')
        throw new Error('the answer has no certificate');
      const known = parseServers(answer['servers']);
      const renewed = { ...current, privateKey, certificate, caCertificate, servers: known };
      await files.save(renewed);
      onRenewed(renewed);
      onServers(known);
      return;
    } catch (error) {
      if (signal.aborted) throw error;
      failure = error;
    }
  }
  throw failure ?? new Error('no server is known');
}

async function sleepUntil(world: World, dueMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const leftMs = dueMs - world.clock.wallMs();
    if (leftMs <= 0) return;
    await world.timers.sleep(Math.min(leftMs, napMsMax), signal).catch(() => undefined);
  }
}
