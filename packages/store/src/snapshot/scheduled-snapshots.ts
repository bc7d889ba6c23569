import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { World } from '@berth/world';
import type { EmbeddedStore } from '../embedded/embedded-store.ts';
import { type SnapshotDescription, saveSnapshot } from './snapshot-file.ts';

export interface ScheduledSnapshotsOptions {
  readonly world: World;
  readonly store: Pick<EmbeddedStore, 'snapshot' | 'status'>;
  /** Made when it does not exist. Best on another disk than the store's. */
  readonly folder: string;
  /** Time from one snapshot to the next, counted from the newest file in the folder, also across restarts. */
  readonly everyMs: number;
  /** So many of the newest are kept, at least 1. */
  readonly keep: number;
  readonly saved?: (path: string, description: SnapshotDescription) => void;
  /** The next one is tried after a tenth of the time. */
  readonly failed?: (error: unknown) => void;
}

export interface ScheduledSnapshots extends AsyncDisposable {
  /** Of the last one saved since the start; undefined before. */
  readonly last: { readonly path: string; readonly description: SnapshotDescription } | undefined;
  readonly failures: number;
  /** Saves one now, out of turn. */
  now(): Promise<string>;
}

const namePattern = /^berth-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)-r\d+\.snapshot$/;
const partialPattern = /^berth-.*\.snapshot\.partial$/;
/** The longest a timer of the system can wait is 24 days; and a clock that was set is noticed within this. */
const lookAgainMs = 60_000;

/**
 * Saves snapshots regularly and forgets old ones. Each server saves its own: whichever machine is lost, another one has them. Without a leader
 * what this server has applied is saved.
 */
export function scheduledSnapshots(options: ScheduledSnapshotsOptions): ScheduledSnapshots {
  return new Schedule(options);
}

class Schedule implements ScheduledSnapshots {
  readonly #options: ScheduledSnapshotsOptions;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #saving: Promise<string> | undefined;
  last: ScheduledSnapshots['last'];
  failures = 0;

  constructor(options: ScheduledSnapshotsOptions) {
    if (!(options.keep >= 1)) throw new RangeError(`keep: must be at least 1, got ${options.keep}`);
    if (!(options.everyMs > 0)) throw new RangeError(`everyMs: must be above 0, got ${options.everyMs}`);
    this.#options = options;
    this.#running = this.#run();
  }

  now(): Promise<string> {
    this.#saving ??= this.#save().finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#running;
    await this.#saving?.catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { world, everyMs, folder } = this.#options;
    let notBeforeMs = 0;
    while (!this.#closing.signal.aborted) {
      const wallMs = world.clock.wallMs();
      const dueMs = Math.max(notBeforeMs, (await newestMs(folder)) + everyMs);
      if (dueMs <= wallMs) {
        const done = await this.now().then(
          () => true,
          (error: unknown) => this.#failed(error),
        );
        notBeforeMs = done ? 0 : world.clock.wallMs() + everyMs / 10;
        continue;
      }
      const waitMs = Math.min(dueMs - wallMs, lookAgainMs);
      await world.timers.sleep(waitMs, this.#closing.signal).catch(() => undefined);
    }
  }

  #failed(error: unknown): false {
    this.failures += 1;
    this.#options.failed?.(error);
    return false;
  }

  async #save(): Promise<string> {
    const { world, store, folder, saved } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { revision, leadership } = store.status();
    const time = new Date(world.clock.wallMs())
      .toISOString()
      .replace(/\.\d+Z$/, 'Z')
      .replaceAll(':', '-');
    const path = join(folder, `berth-${time}-r${revision}.snapshot`);
    const consistency = leadership.kind === 'leaderless' ? 'local' : 'linearizable';
    const description = await saveSnapshot(store.snapshot(consistency), path);
    this.last = { path, description };
    saved?.(path, description);
    await this.#forgetOld();
    return path;
  }

  /** Whatever else is in the folder is left alone. */
  async #forgetOld(): Promise<void> {
    const { folder, keep } = this.#options;
    const names = (await readdir(folder)).sort();
    const old = names.filter((name) => namePattern.test(name)).slice(0, -keep);
    const partial = names.filter((name) => partialPattern.test(name));
    for (const name of [...old, ...partial]) await rm(join(folder, name), { force: true });
  }
}

/** Wall time of the newest snapshot in the folder, 0 when there is none. */
async function newestMs(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const times = names.flatMap((name) => namePattern.exec(name)?.[1] ?? []).sort();
  const newest = times.at(-1);
  if (newest === undefined) return 0;
  const [day, time] = newest.split('T') as [string, string];
  return Date.parse(`${day}T${time.replaceAll('-', ':')}`);
}
