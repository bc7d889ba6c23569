import { SelectorError } from './label-query.ts';

/** One term of a field selector: `status.phase!=Failed`. */
export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** All must hold; the empty list selects everything. */
export type FieldRequirements = readonly FieldRequirement[];

const termsMax = 100;

/** Parses the `fieldSelector` of a query: `a=b`, `a==b`, `a!=b`, joined by commas; `\` escapes `\`, `,` and `=` in values. */
export function parseFieldQuery(text: string): FieldRequirements {
  const terms = splitTerms(text).filter((term) => term !== '');
  if (terms.length > termsMax) throw new SelectorError(`a field selector may have at most ${termsMax} terms`);
  return terms.map(readTerm);
}

/** `fields` answers the value of a selectable field; an absent one is the empty text. */
export function matchesFields(requirements: FieldRequirements, fields: (field: string) => string): boolean {
  for (const { field, operator, value } of requirements) {
    if ((fields(field) === value) !== (operator === '=')) return false;
  }
  return true;
}

function splitTerms(text: string): readonly string[] {
  const terms: string[] = [];
  let term = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\') {
      term += character + text.charAt(at + 1);
      at += 1;
    } else if (character === ',') {
      terms.push(term);
      term = '';
    } else {
      term += character;
    }
  }
  return [...terms, term];
}

function readTerm(term: string): FieldRequirement {
  const parts = /^\s*([^=!\\]+?)\s*(==|!=|=)(.*)$/s.exec(term);
  if (parts === null) throw new SelectorError(`invalid selector: ${JSON.stringify(term)}; can't understand it`);
  const [, field = '', operator, value = ''] = parts;
  return { field, operator: operator === '!=' ? '!=' : '=', value: unescaped(value) };
}

function unescaped(value: string): string {
  let plain = '';
  for (let at = 0; at < value.length; at += 1) {
    const character = value.charAt(at);
    if (character === '=')
      throw new SelectorError(`invalid field selector value ${JSON.stringify(value)}: unescaped character '='`);
    if (character !== '\\') {
      plain += character;
      continue;
    }
    at += 1;
    const escaped = value.charAt(at);
    if (escaped !== '\\' && escaped !== ',' && escaped !== '=') {
      throw new SelectorError(
        `invalid field selector value ${JSON.stringify(value)}: invalid escape sequence '\\${escaped}'`,
      );
    }
    plain += escaped;
  }
  return plain;
}
