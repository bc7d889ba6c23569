import type { ScenarioCluster } from './scenario-cluster.ts';
import { runCommand } from './scenario-commands.ts';

/** A step of a scenario: commands, and the trace they leave. `quiet` steps expect none. */
interface Block {
  /** Comments and commands, as they stand. */
  readonly script: readonly string[];
  readonly expected: string;
}

export interface ScenarioRun {
  /** The file as it would be with the traces that came out. */
  readonly text: string;
  readonly passed: boolean;
  /** First step whose trace differs. */
  readonly difference: string | undefined;
}

/**
 * Runs a scenario. Its form: comments (`#`), commands one per line, a line `----`, the expected trace, an empty line. A command that begins with
 * `quiet` leaves no trace.
 */
export function runScenario(source: string): ScenarioRun {
  let cluster: ScenarioCluster | undefined;
  let difference: string | undefined;
  const written: string[] = [];
  for (const block of parse(source)) {
    const lines: string[] = [];
    for (const command of block.script) {
      if (command.startsWith('#')) continue;
      const quiet = command.startsWith('quiet ');
      let error = '';
      try {
        cluster = runCommand(cluster, quiet ? command.slice(6) : command);
      } catch (thrown) {
        error = `ERROR: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
      }
      const trace = cluster?.trace.splice(0) ?? [];
      lines.push(...(quiet ? trace.filter((line) => line.startsWith('VIOLATION')) : trace));
      if (error !== '') lines.push(error);
    }
    const found = lines.join('\n');
    if (found !== block.expected) {
      difference ??= `${block.script.join('\n')}\n---- expected\n${block.expected}\n---- found\n${found}`;
    }
    written.push([...block.script, '----', ...lines].join('\n'));
  }
  return { text: `${written.join('\n\n')}\n`, passed: difference === undefined, difference };
}

function parse(source: string): Block[] {
  const blocks: Block[] = [];
  for (const part of source.split(/\n\s*\n/)) {
    const lines = part.split('\n').filter((line) => line.trim() !== '');
    if (lines.length === 0) continue;
    const rule = lines.indexOf('----');
    blocks.push({
      script: rule < 0 ? lines : lines.slice(0, rule),
      expected: rule < 0 ? '' : lines.slice(rule + 1).join('\n'),
    });
  }
  return blocks;
}
