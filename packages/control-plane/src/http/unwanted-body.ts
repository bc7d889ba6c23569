import type { IncomingMessage } from 'node:http';
import type { Timers } from '@berth/world';

/** A client that sends more than this is cut off after all. */
const discardedBytesMax = 32 << 20;
const discardingMsMax = 2_000;

/**
 * Reads on what a client sends although its body was refused before its end. Closing the connection under a client that still writes
 * would show it a broken pipe instead of the refusal. Resolves when the client has sent everything, is gone, or has had its chance.
 */
export async function discardBody(request: IncomingMessage, timers: Timers): Promise<void> {
  if (request.readableEnded || request.destroyed) return;
  const enough = Promise.withResolvers<void>();
  using _limit = timers.after(discardingMsMax, enough.resolve);
  let discarded = 0;
  request.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > discardedBytesMax) enough.resolve();
  });
  for (const event of ['end', 'close', 'error']) request.once(event, () => enough.resolve());
  request.resume();
  await enough.promise;
}
