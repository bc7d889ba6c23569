import { readFile } from 'node:fs/promises';
import type { HostCommands } from '../host/host-commands.ts';

/** File systems in memory, mounted where the engine sees them. */
export class MountTool {
  readonly #commands: HostCommands;

  constructor(commands: HostCommands) {
    this.#commands = commands;
  }

  async isMounted(path: string): Promise<boolean> {
    return (await this.#points()).includes(path);
  }

  /** Mount points at or below `path`, the deepest first. */
  async below(path: string): Promise<readonly string[]> {
    const inside = (await this.#points()).filter((point) => point === path || point.startsWith(`${path}/`));
    return inside.sort((a, b) => b.length - a.length);
  }

  /** `sizeBytes` undefined: the kernel's default, half of the machine's memory. */
  async mountMemory(path: string, sizeBytes: number | undefined): Promise<void> {
    const options = ['nosuid', 'nodev', ...(sizeBytes === undefined ? [] : [`size=${sizeBytes}`])].join(',');
    await this.#commands.runOnMachine('mount', ['-n', '-t', 'tmpfs', '-o', options, 'tmpfs', path]);
  }

  async unmountBelow(path: string): Promise<void> {
    for (const point of await this.below(path)) await this.#commands.runOnMachine('umount', ['-n', '-l', point]);
  }

  /** `/proc/PID/mountinfo`, fifth field, with its octal escapes undone (proc(5)). */
  async #points(): Promise<readonly string[]> {
    const table = await readFile(this.#commands.mountTable, 'utf8');
    return table.split('\n').map((line) =>
      (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_, octal: string) => {
        return String.fromCharCode(Number.parseInt(octal, 8));
      }),
    );
  }
}
