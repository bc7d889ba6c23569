import { parseTime } from './time.ts';

/** A duration as kubectl prints ages: `45s`, `3m20s`, `5h`, `2d4h`, `3y`. Up to a second before now counts as `0s`. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return withRest(`${minutes}m`, seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return withRest(`${hours}h`, minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (days < 8) return withRest(`${days}d`, hours % 24, 'h');
  if (days < 730) return `${days}d`;
  const years = Math.floor(days / 365);
  if (years < 8) return withRest(`${years}y`, days % 365, 'd');
  return `${years}y`;
}

/** How long ago a time was, or `<unknown>` when there is none. */
export function formatAge(time: string | undefined, nowMs: number): string {
  const thenMs = time === undefined ? undefined : parseTime(time);
  return thenMs === undefined ? '<unknown>' : formatDuration(nowMs - thenMs);
}

function withRest(head: string, rest: number, unit: string): string {
  return rest === 0 ? head : `${head}${rest}${unit}`;
}
