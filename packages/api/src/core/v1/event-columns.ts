import { type Column, nameColumn, numberColumn, textColumn, wide } from '../../kind/table-column.ts';
import { formatAge } from '../../text/age.ts';
import type { Event } from './event.ts';

export const eventColumns: readonly Column<Event>[] = [
  textColumn('Last Seen', 'Time since the event was last seen.', lastSeen),
  textColumn('Type', 'Normal or Warning.', ({ type }) => type ?? ''),
  textColumn('Reason', 'What happened, as one word.', ({ reason }) => reason ?? ''),
  textColumn('Object', 'What it happened to.', objectText),
  wide(
    textColumn('Subobject', 'The part of it that is meant.', ({ involvedObject }) => involvedObject.fieldPath ?? ''),
  ),
  wide(textColumn('Source', 'Who reports it.', sourceText)),
  textColumn('Message', 'What happened, in a sentence.', ({ message }) => message?.trim() ?? ''),
  wide(textColumn('First Seen', 'Time since the event was first seen.', firstSeen)),
  wide(numberColumn('Count', 'How often it was seen.', ({ series, count }) => series?.count ?? (count || 1))),
  wide({ ...nameColumn }),
];

function firstSeen({ firstTimestamp, eventTime }: Event, nowMs: number): string {
  return formatAge(firstTimestamp ?? eventTime, nowMs);
}

function lastSeen(event: Event, nowMs: number): string {
  if (event.series !== undefined) return formatAge(event.series.lastObservedTime, nowMs);
  return event.lastTimestamp === undefined ? firstSeen(event, nowMs) : formatAge(event.lastTimestamp, nowMs);
}

function objectText({ involvedObject }: Event): string {
  return `${involvedObject.kind?.toLowerCase() ?? ''}/${involvedObject.name ?? ''}`;
}

function sourceText({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component ?? reportingComponent ?? '';
  const instance = source?.host ?? reportingInstance ?? '';
  return instance === '' ? component : `${component}, ${instance}`;
}
