import type { Configuration } from '../membership/configuration.ts';
import { decodeConfiguration } from '../membership/configuration-codec.ts';
import { type Entry, entryKinds } from '../vocabulary/entry.ts';
import { entryPayload } from '../vocabulary/entry-frame.ts';
import type { LogIndex } from '../vocabulary/log-index.ts';
import type { LogBase } from '../vocabulary/snapshot.ts';
import type { Term } from '../vocabulary/term.ts';
import { decodeFeatureLevel } from './feature-level.ts';
import type { TermRun } from './term-runs.ts';

export interface ConfigurationAt {
  readonly index: LogIndex;
  readonly configuration: Configuration;
}

export interface FeatureLevelAt {
  readonly index: LogIndex;
  readonly level: number;
}

/** What the core needs to know of a stored log without holding its entries. All lists are ascending by index. */
export interface LogSummary {
  readonly lastIndex: LogIndex;
  /** Entries have `term` from `from` on, up to the next run. */
  readonly termRuns: readonly TermRun[];
  readonly configurations: readonly ConfigurationAt[];
  readonly featureLevels: readonly FeatureLevelAt[];
}

/** Reads a stored log from its base on, entry by entry, and notes what the core needs. */
export class LogSummarizer {
  #lastIndex: LogIndex;
  #lastTerm: Term;
  readonly #termRuns: TermRun[] = [];
  readonly #configurations: ConfigurationAt[] = [];
  readonly #featureLevels: FeatureLevelAt[] = [];

  constructor(base: LogBase) {
    this.#lastIndex = base.index;
    this.#lastTerm = base.term;
  }

  /** The fault of this entry, or undefined when it follows the ones before. After a fault the log ends before that entry. */
  add(entry: Entry): string | undefined {
    const { index, term } = entry;
    if (index !== this.#lastIndex + 1) return `entry ${index} follows entry ${this.#lastIndex}`;
    if (term < this.#lastTerm) return `entry ${index} has term ${term}, the one before has ${this.#lastTerm}`;
    if (entry.kind === entryKinds.configuration) {
      const configuration = decodeConfiguration(entryPayload(entry));
      if (configuration === undefined) return `entry ${index} holds no configuration`;
      this.#configurations.push({ index, configuration });
    } else if (entry.kind === entryKinds.featureLevel) {
      const level = decodeFeatureLevel(entryPayload(entry));
      if (level === undefined) return `entry ${index} holds no feature level`;
      this.#featureLevels.push({ index, level });
    }
    if (this.#termRuns.at(-1)?.term !== term) this.#termRuns.push({ from: index, term });
    this.#lastIndex = index;
    this.#lastTerm = term;
    return undefined;
  }

  summary(): LogSummary {
    return {
      lastIndex: this.#lastIndex,
      termRuns: [...this.#termRuns],
      configurations: [...this.#configurations],
      featureLevels: [...this.#featureLevels],
    };
  }
}
