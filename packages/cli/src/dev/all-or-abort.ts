/**
 * Runs things side by side. When one fails the signal is aborted, the others are waited for, and the first failure is thrown: nothing goes on
 * behind the back of the caller.
 */
export async function allOrAbort(begin: (signal: AbortSignal) => readonly Promise<unknown>[]): Promise<void> {
  const failing = new AbortController();
  const running = begin(failing.signal).map((work) =>
    work.catch((error: unknown) => {
      failing.abort(error);
    }),
  );
  await Promise.all(running);
  failing.signal.throwIfAborted();
}
