import { crc32 } from 'node:zlib';
import { type MemberId, type RaftOptions, raftOptions } from '@berth/raft';
import type { Random } from '@berth/world';
import type { CoreOptions } from '../link/core-messages.ts';

/** The core counts time in ticks; everything else keeps the core's own defaults. */
export function coreRaftOptions(options: CoreOptions, id: MemberId, incarnation: number, random: Random): RaftOptions {
  const { tickMs, heartbeatMs, electionMs } = options.timings;
  return raftOptions({
    id,
    incarnation,
    seed: random.integer(2 ** 32 - 1),
    checksum: crc32,
    electionTicks: Math.max(1, Math.round(electionMs / tickMs)),
    heartbeatTicks: Math.max(1, Math.round(heartbeatMs / tickMs)),
    checkpointEntries: options.checkpointEntries,
    checkpointBytes: options.checkpointBytes,
    trailingEntries: options.trailingEntries,
    trailingBytes: options.trailingBytes,
    snapshotChunkBytes: options.snapshotChunkBytes,
  });
}
