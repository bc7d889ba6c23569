import type { Row } from './row.ts';

/** How much is measured. */
export interface Extent {
  readonly warmUpMs: number;
  readonly runMs: number;
  readonly pairs: number;
  readonly kills: number;
  readonly electionMinutes: number;
  /** By which a follower is behind. */
  readonly entries: number;
  /** Of the state that a new member is given. */
  readonly stateMiB: number;
  readonly stalls: number;
}

export interface Bench {
  readonly extent: Extent;
  /** Empty, on the disk that is measured. */
  readonly folder: string;
  /** Progress, for whoever waits. */
  tell(line: string): void;
}

/** Rows that are measured together, with clusters of their own. */
export interface Part {
  readonly name: string;
  readonly about: string;
  /** What of the extent it used, for the page. */
  extent(extent: Extent): string;
  measure(bench: Bench): Promise<Row[]>;
}
