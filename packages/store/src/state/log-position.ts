import { type Entry, entryKinds, type LogBase, LogSummarizer, logIndex } from '@berth/raft';

/** Where the state stands after an applied entry: its place, and the membership and feature level in force there. */
export function positionAfter(base: LogBase, entry: Entry): LogBase {
  const place = { ...base, index: entry.index, term: entry.term };
  if (entry.kind !== entryKinds.configuration && entry.kind !== entryKinds.featureLevel) return place;
  const summarizer = new LogSummarizer({ ...base, index: logIndex(entry.index - 1) });
  const fault = summarizer.add(entry);
  if (fault !== undefined) throw new Error(`a committed entry cannot be understood: ${fault}`);
  const { configurations, featureLevels } = summarizer.summary();
  const changed = configurations.at(-1);
  return {
    ...place,
    configuration: changed?.configuration ?? base.configuration,
    configurationIndex: changed?.index ?? base.configurationIndex,
    featureLevel: featureLevels.at(-1)?.level ?? base.featureLevel,
  };
}
