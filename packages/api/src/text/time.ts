/** Times travel as RFC 3339 text; inside they are milliseconds since the Unix epoch. Conversions are pure arithmetic. */

const dayMs = 86_400_000;
const shape =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]{1,9})[0-9]*)?(?:([Zz])|([+-])([0-9]{2}):([0-9]{2}))$/;

/** `2006-01-02T15:04:05Z`: what `metav1.Time` fields hold. Fractions of a second are cut off. */
export function formatTime(wallMs: number): string {
  return `${formatSeconds(Math.floor(wallMs / 1000))}Z`;
}

/** `2006-01-02T15:04:05.000000Z`: what `metav1.MicroTime` fields hold. */
export function formatMicroTime(wallMs: number): string {
  const seconds = Math.floor(wallMs / 1000);
  const micros = Math.min(999_999, Math.round((wallMs - seconds * 1000) * 1000));
  return `${formatSeconds(seconds)}.${pad(micros, 6)}Z`;
}

/** Milliseconds since the epoch (with a fraction for finer texts), or undefined when the text is no RFC 3339 time. */
export function parseTime(text: string): number | undefined {
  const parts = shape.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', , sign, offsetHours = '0', offsetMinutes = '0'] =
    parts;
  const inRange =
    within(month, 1, 12) &&
    within(day, 1, daysIn(Number(year), Number(month))) &&
    within(hour, 0, 23) &&
    within(minute, 0, 59) &&
    within(second, 0, 59) &&
    within(offsetHours, 0, 23) &&
    within(offsetMinutes, 0, 59);
  if (!inRange) return undefined;
  const days = daysFromCivil(Number(year), Number(month), Number(day));
  const timeOfDayMs = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000 * (sign === '-' ? -1 : 1);
  const fractionMs = Number(fraction.padEnd(9, '0')) / 1_000_000;
  return days * dayMs + timeOfDayMs - offsetMs + fractionMs;
}

function within(text: string | undefined, low: number, high: number): boolean {
  const value = Number(text);
  return value >= low && value <= high;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function formatSeconds(epochSeconds: number): string {
  const days = Math.floor(epochSeconds / 86_400);
  const secondOfDay = epochSeconds - days * 86_400;
  const { year, month, day } = civilFromDays(days);
  const clock = [secondOfDay / 3600, (secondOfDay / 60) % 60, secondOfDay % 60].map((part) => pad(Math.floor(part), 2));
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${clock.join(':')}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

/** Days since 1970-01-01 of a date of the proleptic Gregorian calendar; years begin in March, so leap days come last. */
function daysFromCivil(year: number, month: number, day: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function civilFromDays(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}
