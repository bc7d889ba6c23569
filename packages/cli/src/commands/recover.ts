import { createInterface } from 'node:readline/promises';
import { storeFolder } from '@berth/control-plane';
import { chooseSurvivor, inspectMember, recoverMember, type Survivor } from '@berth/store';
import type { World } from '@berth/world';
import type { ApiClient } from '../client/api-client.ts';
import { formatTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type MemberEntry, type MemberList, readMembers } from './member.ts';

/** Servers that do not answer in this time count as lost. */
const answerTimeoutMs = 3_000;

/**
 * `berth recover` beside a cluster whose quorum is lost: asks every server that still runs how far its log reaches, and says what to do where. Changes
 * nothing. Exit code 0 when one can be recommended.
 */
export async function lookForSurvivors(client: ApiClient, terminal: Terminal): Promise<number> {
  const { items } = await readMembers(client);
  const answers = await Promise.all(items.map((member) => askSurvivor(client, member)));
  const rows = items.map((member, at) => {
    const log = answers[at]?.log;
    return log === undefined
      ? [member.name, terminal.style('red', 'no answer'), '', '', member.dataDir]
      : [member.name, log.quarantined ? 'quarantined' : 'runs', ...position(log), member.dataDir];
  });
  const head = ['SERVER', 'STATE', 'LAST ENTRY', 'COMMITTED', 'DATA DIRECTORY'];
  for (const line of formatTable([head, ...rows])) terminal.line(line);
  terminal.line();
  const alive = answers.filter((answer) => answer?.log !== undefined).length;
  const voters = items.filter(({ role }) => role === 'voter').length;
  if (items.some(({ leader }) => leader)) {
    terminal.line('There is a leader: nothing is to be recovered.');
    return 0;
  }
  const { reason, recommended } = chooseSurvivor(items.flatMap((member, at) => survivorOf(member, answers[at])));
  terminal.line(
    `${alive} of ${items.length} servers answer; ${Math.floor(voters / 2) + 1} voters are needed for a quorum.`,
  );
  terminal.line(`Bring back the others with their disks if you can: then nothing is lost. If they are gone for good:`);
  terminal.line();
  if (recommended === undefined) {
    terminal.line(reason);
    return 1;
  }
  const dataDir = items.find(({ name }) => name === recommended)?.dataDir ?? 'DIR';
  terminal.line(`  ${reason}.`);
  terminal.line(`  Stop all servers. On the machine of ${recommended}: berth recover --data-dir ${dataDir}`);
  terminal.line(
    `  Start ${recommended}. Then empty the data directories of the others and let them join anew ("berth member add").`,
  );
  return 0;
}

async function askSurvivor(client: ApiClient, { apiAddress }: MemberEntry): Promise<MemberList | undefined> {
  return readMembers(client.at(`https://${apiAddress}`), AbortSignal.timeout(answerTimeoutMs)).catch(() => undefined);
}

function position({ lastIndex, lastTerm, commitIndex }: NonNullable<MemberList['log']>): readonly string[] {
  return [`${lastIndex} of term ${lastTerm}`, String(commitIndex)];
}

function survivorOf({ name }: MemberEntry, answer: MemberList | undefined): readonly Survivor[] {
  if (answer?.log === undefined) return [];
  const { lastIndex, lastTerm, quarantined } = answer.log;
  const storage = quarantined
    ? { verdict: 'quarantined' as const, reasons: ['it is quarantined'] }
    : { verdict: 'ok' as const, reasons: [] };
  return [{ name, inspection: { clusterId: '', lastIndex, lastTerm, storage } }];
}

export interface RecoverFlags {
  /** Of stopped servers: one, or several disks that were brought to one machine. */
  readonly dataDir: readonly string[];
  readonly yes?: boolean;
  readonly acceptLoss?: boolean;
}

/** `berth recover --data-dir DIR...`: makes the best of these stopped servers the only member of its cluster, after a question. */
export async function recover(terminal: Terminal, world: World, flags: RecoverFlags): Promise<number> {
  const survivors = await Promise.all(
    flags.dataDir.map(async (dataDir) => ({
      name: dataDir,
      inspection: await inspectMember(world, storeFolder(dataDir)),
    })),
  );
  const { ranking, reason, recommended } = chooseSurvivor(survivors);
  const rows = survivors.map(({ name, inspection }) => [
    name,
    inspection.members.find(({ memberId }) => memberId === inspection.memberId)?.name ??
      `member ${inspection.memberId}`,
    `${inspection.lastIndex} of term ${inspection.lastTerm}`,
    String(inspection.revision),
    inspection.storage.verdict,
  ]);
  const head = ['DATA DIRECTORY', 'SERVER', 'LAST ENTRY', 'REVISION', 'STORAGE'];
  for (const line of formatTable([head, ...rows])) terminal.line(line);
  terminal.line();
  terminal.line(`${reason}.`);
  const chosen = recommended ?? (flags.acceptLoss === true ? ranking[0]?.name : undefined);
  if (chosen === undefined) return 1;
  const others = survivors[0]?.inspection.members.length ?? 1;
  const warning = `${chosen} becomes the only member of its cluster; what only the other ${others - 1} held is lost, and they must join anew with empty directories.`;
  if (!(await agreed(terminal, warning, flags.yes === true))) return 1;
  const { revision } = await recoverMember({
    world,
    dataDirectory: storeFolder(chosen),
    acceptLoss: flags.acceptLoss === true,
  });
  terminal.line(`recovered at revision ${revision}; the recovery is on record in the state. Start its server now.`);
  return 0;
}

async function agreed(terminal: Terminal, warning: string, yes: boolean): Promise<boolean> {
  terminal.line(warning);
  if (yes) return true;
  if (!terminal.isInteractive || process.stdin.isTTY !== true)
    throw new Error('nothing was changed: say --yes to go on without a question');
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await asking.question('Go on? Type yes: ');
  asking.close();
  if (answer.trim() === 'yes') return true;
  terminal.line('nothing was changed');
  return false;
}
