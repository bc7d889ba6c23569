import type { Fence, Store } from '@berth/store';

/**
 * Runs something while this server leads: starts it with the fence of each reign, stops it when the reign ends. One reign's
 * work has ended completely before the next begins. Disposing ends the present one.
 */
export function duringReigns(
  store: Pick<Store, 'onLeadership'>,
  start: (fence: Fence) => AsyncDisposable,
): AsyncDisposable {
  let wanted: Fence | undefined;
  let present: { readonly fence: Fence; readonly work: AsyncDisposable } | undefined;
  let changing: Promise<void> = Promise.resolve();
  let isClosed = false;

  const change = async (): Promise<void> => {
    if (present !== undefined && present.fence.token !== wanted?.token) {
      const { work } = present;
      present = undefined;
      await work[Symbol.asyncDispose]();
    }
    // What was wanted may have changed while the old work ended; then the next change follows this one.
    if (present === undefined && wanted !== undefined && !isClosed) present = { fence: wanted, work: start(wanted) };
  };
  const following = store.onLeadership((leadership) => {
    wanted = leadership.kind === 'leader' ? leadership.fence : undefined;
    changing = changing.then(change);
  });
  return {
    async [Symbol.asyncDispose]() {
      isClosed = true;
      wanted = undefined;
      following[Symbol.dispose]();
      changing = changing.then(change);
      await changing;
    },
  };
}
