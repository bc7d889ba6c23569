import { type ApiObject, apiObjectFields } from '../../kind/api-object.ts';
import { allVerbs, type Kind, kind } from '../../kind/kind.ts';
import { required } from '../../schema/field.ts';
import { int32, microTime, nested, text, time } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';
import { checkDnsSubdomain } from '../../text/name-format.ts';
import { eventColumns } from './event-columns.ts';
import { checkEvent } from './event-validation.ts';
import { type ObjectReference, objectReference } from './object-reference.ts';

export interface EventSource {
  readonly component?: string;
  readonly host?: string;
}

const eventSource: Message<EventSource> = message({
  name: 'core.v1.EventSource',
  description: 'Who reports an event.',
  fields: {
    component: text(1, 'The component, e.g. scheduler.'),
    host: text(2, 'The node it runs on.'),
  },
});

export interface EventSeries {
  readonly count?: number;
  readonly lastObservedTime?: string;
}

const eventSeries: Message<EventSeries> = message({
  name: 'core.v1.EventSeries',
  description: 'How often an event came back.',
  fields: {
    count: int32(1, 'How often.', { min: 0 }),
    lastObservedTime: microTime(2, 'When last.'),
  },
});

export interface Event extends ApiObject {
  readonly involvedObject: ObjectReference;
  readonly reason?: string;
  readonly message?: string;
  readonly source?: EventSource;
  readonly firstTimestamp?: string;
  readonly lastTimestamp?: string;
  readonly count?: number;
  readonly type?: string;
  readonly eventTime?: string;
  readonly series?: EventSeries;
  readonly action?: string;
  readonly related?: ObjectReference;
  readonly reportingComponent?: string;
  readonly reportingInstance?: string;
}

const eventMessage: Message<Event> = message({
  name: 'core.v1.Event',
  description: 'Something that happened to an object; kept for an hour.',
  fields: {
    ...apiObjectFields,
    involvedObject: required(nested(2, 'The object.', objectReference)),
    reason: text(3, 'What happened, as one word.', { bytesMax: 128 }),
    message: text(4, 'What happened, in a sentence.', { bytesMax: 1024 }),
    source: nested(5, 'Who reports it.', eventSource, { default: {} }),
    firstTimestamp: time(6, 'When it was first seen.'),
    lastTimestamp: time(7, 'When it was last seen.'),
    count: int32(8, 'How often it was seen.'),
    type: text(9, 'Normal or Warning.'),
    eventTime: microTime(10, 'When it was first seen, to the microsecond.'),
    series: nested(11, 'How often it came back.', eventSeries),
    action: text(12, 'What was done.'),
    related: nested(13, 'Another object that has to do with it.', objectReference),
    reportingComponent: text(14, 'Name of the reporting controller.', { keepZero: true, default: '' }),
    reportingInstance: text(15, 'Name of its instance.', { keepZero: true, default: '', bytesMax: 128 }),
  },
  check: checkEvent,
});

export const event: Kind<Event> = kind({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  categories: [],
  namespaced: true,
  message: eventMessage,
  verbs: allVerbs,
  subresources: [],
  nameFault: checkDnsSubdomain,
  columns: eventColumns,
  selectableFields: {
    'involvedObject.kind': ({ involvedObject }) => involvedObject.kind,
    'involvedObject.namespace': ({ involvedObject }) => involvedObject.namespace,
    'involvedObject.name': ({ involvedObject }) => involvedObject.name,
    'involvedObject.uid': ({ involvedObject }) => involvedObject.uid,
    'involvedObject.apiVersion': ({ involvedObject }) => involvedObject.apiVersion,
    'involvedObject.resourceVersion': ({ involvedObject }) => involvedObject.resourceVersion,
    'involvedObject.fieldPath': ({ involvedObject }) => involvedObject.fieldPath,
    reason: ({ reason }) => reason,
    reportingComponent: ({ reportingComponent }) => reportingComponent,
    source: ({ source, reportingComponent }) => source?.component ?? reportingComponent,
    type: ({ type }) => type,
  },
});
