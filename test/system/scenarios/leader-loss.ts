import { type Credentials, serverUrls } from '../support/api-client.ts';
import type { Cluster } from '../support/cluster.ts';
import { until } from '../support/waiting.ts';
import { WriteStream } from '../support/write-stream.ts';

export interface LeaderLoss {
  readonly cluster: Cluster;
  readonly credentials: Credentials;
  readonly namespace: string;
  readonly limitMs: number;
}

export interface LeaderLossOutcome {
  /** The server that was killed. */
  readonly leader: string;
  /** From the kill to the first acknowledgement of a write that was sent after it. */
  readonly nextWriteMs: number;
  readonly stream: WriteStream;
}

const writesBefore = 100;
const writesAfter = 100;

/** SIGKILL for the leader while clients write through all servers. The stream has been stopped when this returns. */
export async function loseLeader({ cluster, credentials, namespace, limitMs }: LeaderLoss): Promise<LeaderLossOutcome> {
  const servers = await serverUrls(cluster);
  const leader = await cluster.leader();
  const { pid } = await cluster.host(leader);
  if (pid === undefined) throw new Error(`${leader} does not run`);
  await using stream = new WriteStream({ servers, credentials, namespace, clientsPerServer: 2 });
  const look = () => stream.acknowledged.length;
  await until({
    what: `${writesBefore} writes are acknowledged`,
    withinMs: 20_000,
    look,
    isSo: (seen) => seen >= writesBefore,
  });
  const killedAtMs = performance.now();
  process.kill(pid, 'SIGKILL');
  await until({
    what: `${writesAfter} writes that were sent after ${leader} was killed are acknowledged`,
    withinMs: limitMs + 20_000,
    look: () => stream.sentAfter(killedAtMs).length,
    isSo: (seen) => seen >= writesAfter,
  });
  await stream.stop();
  const next = Math.min(...stream.sentAfter(killedAtMs).map(({ acknowledgedAtMs }) => acknowledgedAtMs));
  return { leader, nextWriteMs: next - killedAtMs, stream };
}
