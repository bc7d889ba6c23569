import type { Store, WatchSink } from '@berth/store';

export interface LateStore extends Store {
  /** From now on watchers hear nothing until `deliver`. */
  hold(): void;
  /** Tells watchers what was held back, and lets later changes through at once. */
  deliver(): void;
}

/** A store whose watchers can be kept waiting, as on a server that applies slowly. */
export function lateStore(store: Store): LateStore {
  let isHeld = false;
  const held: (() => void)[] = [];
  const through = (run: () => void): boolean => {
    if (isHeld) held.push(run);
    else run();
    return true;
  };
  const late: Pick<LateStore, 'watch' | 'hold' | 'deliver'> = {
    watch(request, sink) {
      const slow: WatchSink = {
        events: (events, revision) => through(() => sink.events(events, revision)),
        bookmark: (revision) => (isHeld ? true : (sink.bookmark?.(revision) ?? true)),
        end: (reason) => sink.end(reason),
      };
      return store.watch(request, slow);
    },
    hold() {
      isHeld = true;
    },
    deliver() {
      isHeld = false;
      for (const run of held.splice(0)) run();
    },
  };
  return new Proxy(store, {
    get(target, name) {
      if (name in late) return Reflect.get(late, name);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  }) as LateStore;
}
