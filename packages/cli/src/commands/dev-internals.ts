import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { realWorld } from '@berth/world';
import type { Command } from 'commander';
import type { WanDelays } from '../dev/isolated/wan-emulator.ts';
import { wholeNumber } from './flag-values.ts';

/** What other commands and scripts run; not for people. */
export function addInternals(dev: Command): void {
  dev
    .command('front-door', { hidden: true })
    .requiredOption('--port <port>', '', wholeNumber)
    .requiredOption('--ca <file>')
    .requiredOption('--port-file <file>')
    .requiredOption('--server <host:port...>')
    .action(async (flags: { port: number; ca: string; portFile: string; server: readonly string[] }) => {
      const { openFrontDoor } = await import('../dev/front-door.ts');
      const ca = readFileSync(flags.ca, 'utf8');
      const door = await openFrontDoor({ port: flags.port, servers: flags.server, ca, world: realWorld });
      writeWhole(flags.portFile, String(door.port));
    });
  dev
    .command('wan-emulator', { hidden: true })
    .requiredOption('--config <file>')
    .requiredOption('--port-file <file>')
    .action(async (flags: { config: string; portFile: string }) => {
      const { openWanEmulator } = await import('../dev/isolated/wan-emulator.ts');
      const read = (): WanDelays => JSON.parse(readFileSync(flags.config, 'utf8')) as WanDelays;
      const emulator = await openWanEmulator(realWorld, read());
      process.on('SIGHUP', () => emulator.replace(read()));
      writeWhole(flags.portFile, String(emulator.port));
    });
  dev
    .command('as-root <program> [arguments...]', { hidden: true })
    .description('runs a program of this machine as root')
    .passThroughOptions()
    .action(async (program: string, args: readonly string[]) => {
      const { runAsRoot } = await import('../dev/elevation/run-as-root.ts');
      process.exitCode = await runAsRoot({ program, args });
    });
}

function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.next`, text);
  renameSync(`${file}.next`, file);
}
