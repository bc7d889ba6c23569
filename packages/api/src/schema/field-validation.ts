import type { FaultList } from '../errors/fault-list.ts';
import type { Message, NamedField } from './message.ts';
import type { IntegerType, ListType, TextType, ValueType } from './value-type.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Checks a defaulted object against the facts of its fields and the rules of its messages. */
export function validateFields<T extends object>(message: Message<T>, value: T, faults: FaultList): void {
  const fields = value as Fields;
  for (const field of message.awaited) {
    if (field.presence === 'required' && isMissing(fields[field.name], field)) faults.required(field.name);
  }
  for (const name of Object.keys(fields)) {
    const field = message.fieldsByName.get(name);
    const given = fields[name];
    if (field === undefined || given === undefined) continue;
    if (field.refused !== undefined) faults.forbidden(name, field.refused);
    else checkValue(field.type, name, given, faults);
  }
  message.check?.(value, faults);
}

function isMissing(value: unknown, field: NamedField): boolean {
  if (value === undefined) return true;
  if (field.mayBeEmpty === true) return false;
  return value === '' || (Array.isArray(value) && value.length === 0);
}

function checkValue(type: ValueType, step: string | number, value: unknown, faults: FaultList): void {
  switch (type.kind) {
    case 'text':
      checkText(type, step, value as string, faults);
      break;
    case 'integer':
      checkInteger(type, step, value as number, faults);
      break;
    case 'list':
      faults.enter(step);
      checkList(type, value as readonly unknown[], faults);
      faults.leave();
      break;
    case 'message':
      faults.enter(step);
      validateFields(type.message, value as object, faults);
      faults.leave();
      break;
    default:
      break;
  }
}

function checkText(type: TextType, step: string | number, value: string, faults: FaultList): void {
  if (value === '') return;
  const place = placeOf(step);
  if (type.values !== undefined && !type.values.includes(value)) faults.unsupported(place, value, type.values);
  if (type.bytesMax !== undefined && utf8Length(value) > type.bytesMax) faults.tooLong(place, type.bytesMax);
  const fault = type.format?.check(value);
  if (fault !== undefined) faults.invalid(place, value, fault);
}

function checkInteger({ min, max, rule }: IntegerType, step: string | number, value: number, faults: FaultList): void {
  const tooLow = min !== undefined && value < min;
  const tooHigh = max !== undefined && value > max;
  if (!tooLow && !tooHigh) return;
  faults.invalid(placeOf(step), value, rule ?? rangeRule(min, max));
}

function rangeRule(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) return `must be between ${min} and ${max}, inclusive`;
  return min !== undefined ? `must be greater than or equal to ${min}` : `must be less than or equal to ${max}`;
}

function checkList(type: ListType, elements: readonly unknown[], faults: FaultList): void {
  if (type.itemsMax !== undefined && elements.length > type.itemsMax)
    faults.tooMany('', elements.length, type.itemsMax);
  const seen = new Set<unknown>();
  elements.forEach((element, index) => {
    checkValue(type.of, index, element, faults);
    const key = uniqueKey(type, element);
    if (key === undefined || key === '') return;
    if (seen.has(key)) faults.duplicate(type.unique === undefined ? placeOf(index) : `[${index}].${type.unique}`, key);
    seen.add(key);
  });
}

function uniqueKey(type: ListType, element: unknown): unknown {
  if (type.unique !== undefined) return (element as Fields)[type.unique];
  return type.listType === 'set' ? element : undefined;
}

function placeOf(step: string | number): string {
  return typeof step === 'number' ? `[${step}]` : step;
}

/** Bytes in UTF-8, which is what limits are about. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}
