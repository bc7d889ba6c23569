import type { Compare, KeyValue } from '../store.ts';
import { unreachable } from '../unreachable.ts';

/** A key that does not exist compares as revisions and version 0, which is how "must not exist" is asked. */
export function holds(compare: Compare, kv: KeyValue | undefined): boolean {
  switch (compare.target) {
    case 'mod':
      return ordered(kv?.modRevision ?? 0, compare.is, compare.revision);
    case 'create':
      return ordered(kv?.createRevision ?? 0, compare.is, compare.revision);
    case 'version':
      return ordered(kv?.version ?? 0, compare.is, compare.version);
    default:
      return unreachable(compare);
  }
}

function ordered(found: number, is: Compare['is'], wanted: number): boolean {
  switch (is) {
    case '=':
      return found === wanted;
    case '!=':
      return found !== wanted;
    case '<':
      return found < wanted;
    case '>':
      return found > wanted;
    default:
      return unreachable(is);
  }
}
