import { revision } from '@berth/store';
import type { LoopCache } from './loop-ports.ts';

/** An object that a write made go, or change, without an answer that names the revision. */
export interface Departed {
  readonly resource: string;
  readonly key: string;
  readonly uid: string;
  /** Its version before; absent: it must be gone. */
  readonly from?: string;
}

/** What one plan did to the store. */
export interface Written {
  /** The highest revision among the answers; 0 when there was none. */
  readonly revision: number;
  readonly departed: readonly Departed[];
}

/**
 * Resolves when the cache shows everything that was written: a loop that decided earlier would decide on what it has changed
 * itself, and make a pod twice. Rejects with the signal's reason.
 */
export async function untilSeen(
  cache: Pick<LoopCache, 'get' | 'onChange' | 'waitFor'>,
  written: Written,
  signal: AbortSignal,
): Promise<void> {
  if (written.revision > 0) await cache.waitFor(revision(written.revision), signal);
  for (const departed of written.departed) await untilDeparted(cache, departed, signal);
}

async function untilDeparted(
  cache: Pick<LoopCache, 'get' | 'onChange'>,
  departed: Departed,
  signal: AbortSignal,
): Promise<void> {
  const isOver = (): boolean => {
    const metadata = cache.get(departed.resource, departed.key)?.metadata;
    if (metadata?.uid !== departed.uid) return true;
    return departed.from !== undefined && metadata.resourceVersion !== departed.from;
  };
  if (isOver()) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const giveUp = (): void => reject(signal.reason);
  using _changes = cache.onChange(() => {
    if (isOver()) resolve();
  });
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
