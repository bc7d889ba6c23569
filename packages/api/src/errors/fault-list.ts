import type { Fault, FaultKind } from './fault.ts';

/**
 * Collects the faults of one object while it is walked. It knows where the walk stands, so that a rule names fields
 * relative to the message it belongs to, and no path is built unless something is wrong.
 */
export class FaultList {
  readonly #faults: Fault[] = [];
  readonly #place: (string | number)[] = [];

  get faults(): readonly Fault[] {
    return this.#faults;
  }

  /** Steps into a field (a name, which may contain dots and brackets), or a list element (a number). Pair with `leave`. */
  enter(step: string | number): void {
    this.#place.push(step);
  }

  leave(): void {
    this.#place.pop();
  }

  /** Runs rules one step further in. */
  within(step: string | number, rules: () => void): void {
    this.enter(step);
    rules();
    this.leave();
  }

  required(field: string, detail?: string): void {
    this.#add('required', field, detail === undefined ? 'Required value' : `Required value: ${detail}`);
  }

  invalid(field: string, value: unknown, detail: string): void {
    this.#add('invalid', field, `Invalid value: ${shown(value)}: ${detail}`);
  }

  duplicate(field: string, value: unknown): void {
    this.#add('duplicate', field, `Duplicate value: ${shown(value)}`);
  }

  unsupported(field: string, value: unknown, supported: readonly string[]): void {
    const list = supported.map((text) => JSON.stringify(text)).join(', ');
    this.#add('unsupported', field, `Unsupported value: ${shown(value)}: supported values: ${list}`);
  }

  forbidden(field: string, detail: string): void {
    this.#add('forbidden', field, `Forbidden: ${detail}`);
  }

  tooLong(field: string, maxBytes: number): void {
    this.#add('too-long', field, `Too long: may not be more than ${maxBytes} bytes`);
  }

  tooMany(field: string, count: number, max: number): void {
    this.#add('too-many', field, `Too many: ${count}: must have at most ${max} item${max === 1 ? '' : 's'}`);
  }

  notFound(field: string, value: unknown): void {
    this.#add('not-found', field, `Not found: ${shown(value)}`);
  }

  #add(kind: FaultKind, field: string, body: string): void {
    this.#faults.push({ kind, path: joinPath([...this.#place, field]), body });
  }
}

/** `['spec', 'ports', 0, 'name']` to `spec.ports[0].name`; a step that begins with `[` is a map key. */
export function joinPath(steps: readonly (string | number)[]): string {
  let path = '';
  for (const step of steps) {
    if (typeof step === 'number') path += `[${step}]`;
    else if (step === '') continue;
    else if (path === '' || step.startsWith('[')) path += step;
    else path += `.${step}`;
  }
  return path === '' ? '<root>' : path;
}

const shownMax = 1000;

function shown(value: unknown): string {
  const text = value === undefined ? 'null' : JSON.stringify(value);
  return text.length <= shownMax ? text : `${text.slice(0, shownMax)}...`;
}
