import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { serverFlags } from '@berth/control-plane';
import { agentUsage } from '@berth/node-agent';
import { expect, test } from 'vitest';
import { codeOf, tablesOf } from './markdown.ts';
import { readSource, root } from './source-tree.ts';

/** Flags of every command on the page, by the heading above their table, e.g. `berth dev up`. */
const onPage = new Map(
  tablesOf(readSource('docs/cli.md'))
    .filter(({ columns }) => columns[0] === 'flag')
    .map(({ heading, rows }) => [heading, rows.map(([flag = '']) => codeOf(flag))]),
);

test('the page lists the flags of berth server', () => {
  const flags = Object.entries(serverFlags).map(([name, { value }]) => `--${name} ${value}`);
  expect(onPage.get('berth server')).toEqual(flags);
});

test('the page lists the flags of berth agent', () => {
  // What stands before the explanation: two spaces part them, or the end of the line.
  const columns = [...agentUsage.matchAll(/^ {2}(--.*?)(?: {2,}|$)/gm)].map(([, column = '']) => column);
  expect(onPage.get('berth agent')).toEqual(columns.flatMap((column) => column.split(/, (?=--)/)));
});

test('the agent takes the flags that its usage names, and no others', () => {
  const options =
    /options: \{([\s\S]*?)\n {6}\},/.exec(readSource('packages/node-agent/src/agent-flags.ts'))?.[1] ?? '';
  const accepted = [...options.matchAll(/^ {8}'?([a-z-]+)'?: \{/gm)].map(([, name]) => name);
  const named = [...agentUsage.matchAll(/(?<=^ {2}.*)--([a-z-]+)/gm)].map(([, name]) => name);
  expect([...new Set(named)].sort()).toEqual(accepted.sort());
});

test('the page lists every command and its flags', async () => {
  const commands = await commandsBelow([]);
  const listed = tablesOf(readSource('docs/cli.md'))
    .filter(({ columns }) => columns[0] === 'command')
    .flatMap(({ rows }) => rows.map(([command = '']) => codeOf(command)));
  expect(listed).toEqual(['berth server', 'berth agent', ...commands.filter(isLeaf).map(nameOf)]);
  const flags = commands.filter((command) => command.flags.length > 0);
  const described = [...onPage].filter(([heading]) => heading !== 'berth server' && heading !== 'berth agent');
  expect(Object.fromEntries(described)).toEqual(Object.fromEntries(flags.map((each) => [nameOf(each), each.flags])));
}, 30_000);

interface CommandHelp {
  readonly path: readonly string[];
  readonly flags: readonly string[];
  /** Names of the commands below it. */
  readonly below: readonly string[];
}

const isLeaf = ({ below }: CommandHelp): boolean => below.length === 0;
const nameOf = ({ path }: CommandHelp): string => ['berth', ...path].join(' ');

/** A command and all below it, as the command line itself tells; without `server` and `agent`, which have a usage of their own. */
async function commandsBelow(path: readonly string[]): Promise<readonly CommandHelp[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    `${root}packages/cli/src/main.ts`,
    ...path,
    '--help',
  ]);
  const flags = firstColumn(stdout, 'Options').filter((flag) => flag !== '-h, --help');
  const below = firstColumn(stdout, 'Commands')
    .map((usage) => usage.split(' ')[0] ?? '')
    .filter((name) => name !== 'help' && !(path.length === 0 && /^(?:server|agent)$/.test(name)));
  const helps = await Promise.all(below.map((name) => commandsBelow([...path, name])));
  return [{ path, flags, below }, ...helps.flat()];
}

/** Flags or commands of one section of a help text; explanations and wrapped lines left out. */
function firstColumn(help: string, section: 'Options' | 'Commands'): readonly string[] {
  const text = new RegExp(`^${section}:\\n((?: {2}.*\\n?)*)`, 'm').exec(help)?.[1] ?? '';
  return [...text.matchAll(/^ {2}(\S.*?)(?: {2,}.*)?$/gm)].map(([, column = '']) => column);
}
