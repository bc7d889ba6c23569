import type { SearchReport } from '../src/consensus/seed-search.ts';

/** One line for whoever watches the tests. */
export function searchText({ seeds, simulatedMs, events, operations }: SearchReport, elapsedMs: number): string {
  const hours = (simulatedMs / 3_600_000).toFixed(2);
  return `simulated ${hours} h of cluster time in ${Math.round(elapsedMs / 1000)} s: ${seeds} seeds, ${events} events, ${operations} operations of clients`;
}
