import { decodeConfiguration } from '../membership/configuration-codec.ts';
import { type Entry, entryKinds } from '../vocabulary/entry.ts';
import { entryPayload } from '../vocabulary/entry-frame.ts';
import type { LogBase } from '../vocabulary/snapshot.ts';
import { decodeFeatureLevel } from './feature-level.ts';

/**
 * The base that stands for a state in which `entry` was applied on top of `base`. A shell keeps it with the state, in the same atomic write: should the
 * log turn out to be damaged below the applied index, the state alone is still a sound beginning of a log.
 */
export function baseAfter(base: LogBase, entry: Entry): LogBase {
  const { index, term } = entry;
  if (entry.kind === entryKinds.configuration) {
    const configuration = decodeConfiguration(entryPayload(entry)) ?? base.configuration;
    return { ...base, index, term, configuration, configurationIndex: index };
  }
  if (entry.kind === entryKinds.featureLevel) {
    return { ...base, index, term, featureLevel: decodeFeatureLevel(entryPayload(entry)) ?? base.featureLevel };
  }
  return { ...base, index, term };
}
