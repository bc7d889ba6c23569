import type { Store, WatchSink } from '@berth/store';

/** Turns of the event loop, of which anything may happen in each. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A server's way to the store: every question, answer and event takes as many turns as `delay` says; events stay in order. */
export function slowStore(store: Store, delay: () => number): Store {
  const slowly =
    <A extends readonly unknown[], R>(ask: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      await turns(delay());
      const answer = await ask(...given);
      await turns(delay());
      return answer;
    };
  const slow: Pick<Store, 'range' | 'txn' | 'watch'> = {
    range: slowly((request) => store.range(request)),
    txn: slowly((request) => store.txn(request)),
    watch(request, sink) {
      let delivered = Promise.resolve();
      const later = (run: () => void): boolean => {
        delivered = delivered.then(() => turns(delay())).then(run);
        return true;
      };
      const late: WatchSink = {
        events: (events, revision) => later(() => sink.events(events, revision)),
        bookmark: (revision) => later(() => sink.bookmark?.(revision)),
        end: (reason) => void later(() => sink.end(reason)),
      };
      return store.watch(request, late);
    },
  };
  return new Proxy(store, {
    get(target, name) {
      if (name in slow) return Reflect.get(slow, name);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
