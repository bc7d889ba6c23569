import { keyAfter, prefixRange } from '../key-range.ts';
import { deletedAtOnce, type ForgettingPort } from './forgetting.ts';
import { isReferred, recordKeys } from './state-records.ts';

/** Some milliseconds of this thread. */
const keysLookedAtOnce = 20_000;

/**
 * Deletes the history from `from`, its beginning, to below `below`, where an era begins, without reading it: nothing that is kept refers to it but
 * present values, which move to the records of their keys before. Its records take `bytes`. What a crash leaves is the end.
 */
export async function forgetEras(port: ForgettingPort, from: number, below: number, bytes: number): Promise<void> {
  await moveValues(port, from, below);
  // What earlier deletions kept of previous values is older still.
  await port.exclusively(() => port.database.clearPrevious());
  let told = 0;
  for (let at = from; at < below; at += deletedAtOnce) {
    const count = Math.min(deletedAtOnce, below - at);
    const keys = Array.from({ length: count }, (_, nth) => recordKeys.history(at + nth));
    await port.exclusively(() => port.database.deleteRecords(keys));
    const gone = Math.floor((bytes * (at + count - from)) / (below - from));
    port.deleted(gone - told);
    told = gone;
  }
}

/**
 * Values that change meanwhile need not move: the change is handed to LevelDB before the first record is deleted. One that comes behind the walk is newer than what
 * goes.
 */
async function moveValues(
  { present, exclusively, database }: ForgettingPort,
  from: number,
  below: number,
): Promise<void> {
  const { from: first, to } = prefixRange('');
  for (let next: string | undefined = first; next !== undefined; ) {
    const start: string = next;
    await exclusively(async () => {
      const kvs = present().slice({ from: start, to }, keysLookedAtOnce);
      const last = kvs.at(-1);
      next = last === undefined ? undefined : keyAfter(last.key);
      const moving = kvs.filter((kv) => kv.modRevision < below && isReferred(kv, from));
      if (moving.length > 0) await database.putValues(moving);
    });
  }
}
