import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostCommands } from '../host/host-commands.ts';

/** Applies nftables commands. They go through a file: nft cannot open the kind of pipe that Node gives its children. */
export class NftTool {
  readonly #commands: HostCommands;
  readonly #folder: string;
  #written = 0;

  constructor(commands: HostCommands, folder: string) {
    this.#commands = commands;
    this.#folder = folder;
  }

  /** All or nothing: the kernel takes the commands as one transaction. */
  async apply(commands: readonly string[]): Promise<void> {
    if (commands.length === 0) return;
    this.#written += 1;
    const file = join(this.#folder, `rules-${process.pid}-${this.#written}.nft`);
    await mkdir(this.#folder, { recursive: true });
    await writeFile(file, `${commands.join('\n')}\n`, { mode: 0o600 });
    try {
      await this.#commands.run('nft', ['-f', file]);
    } finally {
      await rm(file, { force: true });
    }
  }

  async deleteTable(name: string): Promise<void> {
    await this.apply([`add table ip ${name}`, `delete table ip ${name}`]);
  }
}
