import { checkLabelValue, checkQualifiedName } from '../text/name-format.ts';
import type { LabelRequirement, LabelRequirements } from './label-requirement.ts';

/** A selector of a query that cannot be read. The message is for the client: answer it as `BadRequest`. */
export class SelectorError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SelectorError';
  }
}

const termsMax = 1000;
const token = /\s*(?:(==|!=|=|!|,|\(|\)|<|>)|([^\s,()=!<>]+)|$)/y;
const wholeNumber = /^[+-]?[0-9]{1,18}$/;

/**
 * Parses the `labelSelector` of a query: `a=b`, `a==b`, `a!=b`, `a in (x,y)`, `a notin (x)`, `a`, `!a`, `a>1`, joined by commas.
 * Terms come back sorted by key. Throws a `SelectorError`.
 */
export function parseLabelQuery(text: string): LabelRequirements {
  const reader = new TokenReader(text);
  const requirements: LabelRequirement[] = [];
  while (reader.peek() !== undefined) {
    requirements.push(readTerm(reader));
    if (requirements.length > termsMax) throw new SelectorError(`a label selector may have at most ${termsMax} terms`);
    if (reader.peek() === undefined) break;
    reader.expect(',', "',' or 'end of string'");
    if (reader.peek() === undefined) throw reader.unexpected('', "identifier after ','");
  }
  return requirements.sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0));
}

class TokenReader {
  readonly #text: string;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  next(): string {
    return this.#tokens[this.#at++] ?? '';
  }

  expect(token: string, wanted: string): void {
    const found = this.next();
    if (found !== token) throw this.unexpected(found, wanted);
  }

  unexpected(found: string, wanted: string): SelectorError {
    return unparsable(this.#text, `found '${found}', expected: ${wanted}`);
  }
}

function readTerm(reader: TokenReader): LabelRequirement {
  const first = reader.next();
  if (first === '!') return { key: labelKey(reader.next()), operator: '!', values: [] };
  const key = labelKey(first);
  const sign = reader.peek();
  if (sign === undefined || sign === ',') return { key, operator: 'exists', values: [] };
  reader.next();
  switch (sign) {
    case '=':
    case '==':
      return { key, operator: '=', values: [exactValue(reader, key)] };
    case '!=':
      return { key, operator: '!=', values: [exactValue(reader, key)] };
    case '<':
    case '>':
      return { key, operator: sign === '<' ? 'lt' : 'gt', values: [bound(reader)] };
    case 'in':
    case 'notin':
      return { key, operator: sign, values: setOfValues(reader, key) };
    default:
      throw reader.unexpected(sign, 'in, notin, =, ==, !=, gt, lt');
  }
}

/** What stands after `=` may be nothing: `a=` and `a=,b` mean the empty value. */
function exactValue(reader: TokenReader, key: string): string {
  const upcoming = reader.peek();
  return upcoming === undefined || upcoming === ',' ? '' : labelValue(key, reader.next());
}

function setOfValues(reader: TokenReader, key: string): readonly string[] {
  reader.expect('(', "'('");
  const values = new Set<string>();
  for (;;) {
    const upcoming = reader.peek();
    values.add(upcoming === ',' || upcoming === ')' ? '' : labelValue(key, reader.next()));
    if (reader.peek() === ')') break;
    reader.expect(',', "',' or ')'");
  }
  reader.next();
  return [...values].sort();
}

function bound(reader: TokenReader): string {
  const value = reader.next();
  if (!wholeNumber.test(value)) throw reader.unexpected(value, "an integer after '<' or '>'");
  return value;
}

function tokenize(text: string): readonly string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    const found = match?.[1] ?? match?.[2];
    if (match === null) break;
    if (found !== undefined) tokens.push(found);
  }
  return tokens;
}

function labelKey(key: string): string {
  const fault = checkQualifiedName(key);
  if (fault === undefined) return key;
  throw new SelectorError(`unable to parse requirement: <nil>: Invalid value: ${JSON.stringify(key)}: ${fault}`);
}

function labelValue(key: string, value: string): string {
  const fault = checkLabelValue(value);
  if (fault === undefined) return value;
  const shown = JSON.stringify(value);
  throw new SelectorError(`unable to parse requirement: values[0][${key}]: Invalid value: ${shown}: ${fault}`);
}

function unparsable(text: string, why: string): SelectorError {
  return new SelectorError(
    `couldn't parse the selector string ${JSON.stringify(text)}: unable to parse requirement: ${why}`,
  );
}
