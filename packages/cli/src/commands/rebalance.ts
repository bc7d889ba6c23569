import type { ApiClient } from '../client/api-client.ts';
import { formatTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** As `GET /berth/v1/rebalance` answers. */
interface Plan {
  readonly moves: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly from: string;
    readonly to: string;
    readonly gain: number;
  }[];
  readonly heldByBudgets: number;
  readonly isLimited: boolean;
}

/** `berth rebalance --plan`: the moves in the order in which they would have to be made. */
export async function rebalance(
  client: ApiClient,
  terminal: Terminal,
  { moves, gain }: { readonly moves?: number; readonly gain?: number },
): Promise<number> {
  const plan = await client.json<Plan>({ path: '/berth/v1/rebalance', query: { moves, gain } });
  if (plan.moves.length === 0) terminal.line('every pod is where it should be');
  else {
    const rows = plan.moves.map((move) => [move.namespace, move.name, move.from, move.to, gainText(move.gain)]);
    for (const line of formatTable([['NAMESPACE', 'POD', 'FROM', 'TO', 'GAIN'], ...rows])) terminal.line(line);
  }
  if (plan.isLimited) terminal.line('there would be more moves: --moves COUNT');
  if (plan.heldByBudgets > 0) terminal.line(`${plan.heldByBudgets} more are held back by disruption budgets`);
  return 0;
}

/** A node that no longer suits its pod at all is worth leaving at any price. */
function gainText(gain: number): string {
  return gain === Number.MAX_SAFE_INTEGER ? 'must move' : String(gain);
}
