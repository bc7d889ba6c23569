import { FaultList, formatTime, invalid, parseTime } from '@berth/api';
import { type Query, queryFlag, queryInteger, queryText } from '../registry/list-options.ts';
import type { LogsTunnel } from './tunnel-port.ts';

/** What of a log is wanted; the same names as Kubernetes' PodLogOptions. `nowMs` turns `sinceSeconds` into a time. */
export function logOptions(
  query: Query,
  podName: string,
  nowMs: number,
): Omit<LogsTunnel, 'kind' | 'podUid' | 'container'> {
  const faults = new FaultList();
  const tailLines = atLeast(0, 'tailLines', query, faults);
  const limitBytes = atLeast(1, 'limitBytes', query, faults);
  const sinceTime = sinceOf(query, nowMs, faults);
  if (faults.faults.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, podName, faults.faults);
  return {
    follow: queryFlag(query, 'follow') ?? false,
    previous: queryFlag(query, 'previous') ?? false,
    timestamps: queryFlag(query, 'timestamps') ?? false,
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(sinceTime === undefined ? {} : { sinceTime }),
  };
}

function atLeast(min: number, name: string, query: Query, faults: FaultList): number | undefined {
  const value = queryInteger(query, name);
  if (value !== undefined && value < min) faults.invalid(name, value, `must be greater than or equal to ${min}`);
  return value;
}

function sinceOf(query: Query, nowMs: number, faults: FaultList): string | undefined {
  const seconds = atLeast(1, 'sinceSeconds', query, faults);
  const time = queryText(query, 'sinceTime');
  if (seconds !== undefined && time !== undefined)
    faults.forbidden('', 'at most one of `sinceTime` or `sinceSeconds` may be specified');
  if (time !== undefined && parseTime(time) === undefined)
    faults.invalid('sinceTime', time, 'must be an RFC 3339 time, e.g. "2006-01-02T15:04:05Z"');
  return time ?? (seconds === undefined ? undefined : formatTime(nowMs - seconds * 1000));
}
