import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isStateFolder } from '../consensus/data-directory.ts';
import { type OpenedMachine, openSoundMachine } from '../state/load-machine.ts';

interface Early {
  readonly folder: string;
  readonly machine: OpenedMachine;
}

/**
 * Opens the state that will be asked for while the consensus thread is still starting: reading it takes a start about as long as that. What is damaged,
 * or cannot be opened, is left as it is for whoever asks; and so is everything when it is not clear which state is in use.
 */
export class EarlyState {
  readonly #opening: Promise<Early | undefined>;

  constructor(dataDirectory: string) {
    this.#opening = open(dataDirectory).catch(() => undefined);
  }

  /** Hands out the state in this folder if it was opened; another one is closed. To be called once. */
  async take(folder: string): Promise<OpenedMachine | undefined> {
    const early = await this.#opening;
    if (early?.folder === folder) return early.machine;
    await early?.machine.database.close();
    return undefined;
  }
}

async function open(dataDirectory: string): Promise<Early | undefined> {
  const [folder, ...others] = (await readdir(dataDirectory)).filter(isStateFolder);
  if (folder === undefined || others.length > 0) return undefined;
  const machine = await openSoundMachine(join(dataDirectory, folder));
  return machine === undefined ? undefined : { folder, machine };
}
