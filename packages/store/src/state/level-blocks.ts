import type { ClassicLevel } from 'classic-level';

/** LevelDB as it keeps a state. */
export type StateLevel = ClassicLevel<string, Uint8Array>;

/** Records and bytes per read of an iterator: some milliseconds of work for who takes them. */
const readAtOnce = 1000;
const readBytesAtOnce = 512 * 1024;

/** Entries of a range, in blocks: waiting for each of millions would take longer than reading them. While one is being used the next is read. */
export async function* readBlocks(
  level: StateLevel,
  range: { readonly gte: string; readonly lt: string },
  options: { readonly snapshot?: ReturnType<StateLevel['snapshot']>; readonly reverse?: boolean } = {},
): AsyncGenerator<[string, Uint8Array][], void, undefined> {
  const iterator = level.iterator({ ...range, ...options, highWaterMarkBytes: readBytesAtOnce });
  let next = iterator.nextv(readAtOnce);
  try {
    for (;;) {
      const entries = await next;
      if (entries.length === 0) return;
      next = iterator.nextv(readAtOnce);
      yield entries;
    }
  } finally {
    // Nobody wants to know any more what became of the one that was read ahead.
    await next.catch(() => undefined);
    await iterator.close();
  }
}
