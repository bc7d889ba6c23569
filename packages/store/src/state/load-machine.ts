import { CodecError } from '../codec/byte-reader.ts';
import { checkLevelFiles } from '../leveldb/level-files.ts';
import { salvageState } from './salvage-state.ts';
import { StateDatabase } from './state-database.ts';
import { StateMachine } from './state-machine.ts';
import type { StateMeta } from './state-meta.ts';

export interface LoadedMachine {
  readonly machine: StateMachine;
  readonly meta: StateMeta;
  /** Keys whose present values lie in the history only. */
  readonly unsettled: ReadonlySet<string>;
}

/** The state on disk is missing something or was altered. */
export class StateDamage extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StateDamage';
  }
}

/** Another process holds the state's lock. */
export class StateInUse extends Error {
  constructor(path: string, options?: ErrorOptions) {
    super(`another process uses ${path}`, options);
    this.name = 'StateInUse';
  }
}

export interface OpenedMachine {
  readonly database: StateDatabase;
  readonly loaded: LoadedMachine | undefined;
  /** What was damaged and could be read around, at the price of the history. */
  readonly salvaged: string | undefined;
}

/**
 * Opens the state in a folder, which is made when it does not exist. Its files are verified before LevelDB reads them, what it holds
 * afterwards. Throws `StateDamage`, with the database closed again, or `StateInUse`; any other error is none of the state's. Tables in `sound` were verified before.
 */
export async function openMachine(path: string, sound?: ReadonlySet<string>): Promise<OpenedMachine> {
  const { damage } = await checkLevelFiles(path, sound);
  if (damage === undefined) return await openSound(path, undefined);
  try {
    await salvageState(path);
  } catch (error) {
    throw new StateDamage(`${damage}; and nothing could be saved of it: ${String(error)}`, { cause: error });
  }
  return await openSound(path, damage);
}

/** Undefined, and untouched, when its files are damaged; throws `StateDamage` when what they hold is. */
export async function openSoundMachine(path: string): Promise<OpenedMachine | undefined> {
  const { damage } = await checkLevelFiles(path);
  return damage === undefined ? await openSound(path, undefined) : undefined;
}

async function openSound(path: string, salvaged: string | undefined): Promise<OpenedMachine> {
  const database = await open(path);
  try {
    return { database, loaded: await loadMachine(database), salvaged };
  } catch (error) {
    await database.close();
    throw damageOf(error);
  }
}

/**
 * The state machine as it was written, proven by its hash to be complete and unaltered. Undefined for an empty database; throws a
 * `CodecError` that says what is wrong.
 */
export async function loadMachine(database: StateDatabase): Promise<LoadedMachine | undefined> {
  const loaded = await database.load();
  if (loaded === undefined) return undefined;
  const { meta, kvs, unsettled, sessions } = loaded;
  const machine = new StateMachine();
  machine.space.restore({ ...meta, kvs });
  if (machine.space.stateHash !== meta.stateHash)
    throw new CodecError(`the hash of the state is ${machine.space.stateHash}, it should be ${meta.stateHash}`);
  for (const [id, record] of sessions) machine.sessions.restore(id, record);
  return { machine, meta, unsettled };
}

async function open(path: string): Promise<StateDatabase> {
  try {
    return await StateDatabase.open(path);
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    if (cause?.code === 'LEVEL_LOCKED') throw new StateInUse(path, { cause: error });
    throw damageOf(cause ?? error);
  }
}

function damageOf(error: unknown): StateDamage {
  return new StateDamage(error instanceof Error ? error.message : String(error), { cause: error });
}
