import type { Configuration } from '../membership/configuration.ts';
import { decodeConfiguration } from '../membership/configuration-codec.ts';
import { type Entry, entryKinds } from '../vocabulary/entry.ts';
import { entryPayload } from '../vocabulary/entry-frame.ts';
import { assertInvariant } from '../vocabulary/invariant.ts';
import { indexAfter, type LogIndex } from '../vocabulary/log-index.ts';
import type { LogBase } from '../vocabulary/snapshot.ts';
import type { Term } from '../vocabulary/term.ts';
import { EntryCache } from './entry-cache.ts';
import { decodeFeatureLevel } from './feature-level.ts';
import type { ConfigurationAt, FeatureLevelAt, LogSummary } from './log-summary.ts';
import { TermRuns } from './term-runs.ts';

/**
 * A member's log as the core sees it: where it begins and ends, the term of every index, the configurations in it, and the youngest entries
 * themselves. Invariant: base.index <= handedOver <= commitIndex <= lastIndex, and appliedIndex <= handedOver.
 */
export class RaftLog {
  readonly cache: EntryCache = new EntryCache();
  commitIndex: LogIndex;
  /** Last index given to the state machine. */
  handedOver: LogIndex;
  /** Last index the state machine has reported. */
  appliedIndex: LogIndex;
  #base: LogBase;
  #lastIndex: LogIndex;
  readonly #terms: TermRuns;
  /** The base's configuration first, then those of the entries. */
  #configurations: ConfigurationAt[];
  #featureLevels: FeatureLevelAt[];

  constructor(base: LogBase, summary: LogSummary, applied: LogIndex) {
    this.#base = base;
    this.#lastIndex = summary.lastIndex;
    this.#terms = new TermRuns(summary.termRuns);
    this.#configurations = [configurationOf(base), ...summary.configurations];
    this.#featureLevels = [levelOf(base), ...summary.featureLevels];
    this.commitIndex = applied;
    this.handedOver = applied;
    this.appliedIndex = applied;
  }

  get base(): LogBase {
    return this.#base;
  }

  get lastIndex(): LogIndex {
    return this.#lastIndex;
  }

  get lastTerm(): Term {
    return this.termAt(this.#lastIndex) as Term;
  }

  /** The configuration in force: the latest one appended, committed or not (rule 37). */
  get configuration(): Configuration {
    return (this.#configurations.at(-1) as ConfigurationAt).configuration;
  }

  get configurationIndex(): LogIndex {
    return (this.#configurations.at(-1) as ConfigurationAt).index;
  }

  /** The latest configuration that is known to be committed. */
  get committedConfiguration(): ConfigurationAt {
    return lastUpTo(this.#configurations, this.commitIndex);
  }

  /** Of the latest feature level entry, committed or not. */
  get featureLevel(): number {
    return (this.#featureLevels.at(-1) as FeatureLevelAt).level;
  }

  /** Undefined beyond the end and before the base. */
  termAt(index: LogIndex): Term | undefined {
    if (index > this.#lastIndex || index < this.#base.index) return undefined;
    return index === this.#base.index ? this.#base.term : this.#terms.termAt(index);
  }

  /**
   * The highest index at or below `index` that may hold an entry of at most `term`; an index before the base when everything kept is younger.
   */
  lastAtOrBelow(index: LogIndex, term: Term): LogIndex {
    if (index <= this.#base.index) return index;
    const found = this.#terms.lastAtOrBelow(index < this.#lastIndex ? index : this.#lastIndex, term);
    if (found !== undefined && found > this.#base.index) return found;
    return this.#base.term <= term ? this.#base.index : indexAfter(this.#base.index, -1);
  }

  /** Consecutive to the end. Configuration and feature level entries have been checked to decode. */
  append(entry: Entry): void {
    this.#lastIndex = entry.index;
    this.#terms.append(entry.index, entry.term);
    this.cache.push(entry);
    if (entry.kind === entryKinds.configuration) {
      const configuration = decodeConfiguration(entryPayload(entry)) as Configuration;
      this.#configurations.push({ index: entry.index, configuration });
    } else if (entry.kind === entryKinds.featureLevel) {
      this.#featureLevels.push({ index: entry.index, level: decodeFeatureLevel(entryPayload(entry)) as number });
    }
  }

  /** Drops the entries from `index` on, and with them the configurations they brought. */
  truncateFrom(index: LogIndex): void {
    this.#lastIndex = indexAfter(index, -1);
    this.#terms.truncateFrom(index);
    this.cache.truncateFrom(index);
    while ((this.#configurations.at(-1) as ConfigurationAt).index >= index) this.#configurations.pop();
    while ((this.#featureLevels.at(-1) as FeatureLevelAt).index >= index) this.#featureLevels.pop();
  }

  /** What a snapshot at `index` says about the log; `index` is committed and not before the base. */
  baseAt(index: LogIndex): LogBase {
    const term = this.termAt(index);
    assertInvariant(
      term !== undefined,
      () => `nothing is known of index ${index}, the log begins after ${this.#base.index}`,
    );
    const { configuration, index: configurationIndex } = lastUpTo(this.#configurations, index);
    const featureLevel = lastUpTo(this.#featureLevels, index).level;
    return { index, term, configuration, configurationIndex, featureLevel };
  }

  /** The log now begins after `index`. */
  compact(index: LogIndex): LogBase {
    const base = this.baseAt(index);
    this.#base = base;
    this.#terms.compact(index);
    this.cache.evict(index, 0);
    this.#configurations = [configurationOf(base), ...this.#configurations.filter((at) => at.index > index)];
    this.#featureLevels = [levelOf(base), ...this.#featureLevels.filter((at) => at.index > index)];
    return base;
  }

  /** Everything is replaced by a snapshot. */
  reset(base: LogBase): void {
    this.#base = base;
    this.#lastIndex = base.index;
    this.#terms.clear();
    this.cache.clear();
    this.#configurations = [configurationOf(base)];
    this.#featureLevels = [levelOf(base)];
    this.commitIndex = base.index;
    this.handedOver = base.index;
    this.appliedIndex = base.index;
  }
}

function configurationOf(base: LogBase): ConfigurationAt {
  return { index: base.configurationIndex, configuration: base.configuration };
}

/** The base's level stands at its index at the latest; where exactly is of no interest any more. */
function levelOf(base: LogBase): FeatureLevelAt {
  return { index: 0 as LogIndex, level: base.featureLevel };
}

function lastUpTo<T extends { readonly index: LogIndex }>(items: readonly T[], index: LogIndex): T {
  let found = items[0] as T;
  for (const item of items) if (item.index <= index) found = item;
  return found;
}
