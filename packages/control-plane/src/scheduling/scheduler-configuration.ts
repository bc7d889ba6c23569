import type { Strategy } from '@berth/scheduler';
import { parseDocument } from 'yaml';
import { type SchedulerChoice, standardSchedulers } from './placement-engine.ts';

const strategies: readonly Strategy[] = ['pack', 'spread', 'balanced', 'stranding'];
const profilesMax = 32;
const namePattern = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/**
 * The schedulers that a configuration names, as YAML or JSON: `profiles`, a list of `schedulerName` and `strategy`. The default scheduler
 * packs where the file does not say otherwise. Throws an `Error` whose message names the field, what was found and what is wanted.
 */
export function parseSchedulers(text: string): readonly SchedulerChoice[] {
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault !== undefined) throw new Error(`is no YAML: ${fault.message.split('\n')[0]}`);
  const root = fieldsOf('the file', document.toJS({ maxAliasCount: 0 }), ['profiles']);
  const { profiles } = root;
  if (!Array.isArray(profiles) || profiles.length === 0)
    throw new Error(`profiles must be a list of at least one profile, got ${shown(profiles)}`);
  if (profiles.length > profilesMax) throw new Error(`profiles must be at most ${profilesMax}, got ${profiles.length}`);
  const chosen = profiles.map((profile: unknown, at) => choiceOf(`profiles[${at}]`, profile));
  const names = chosen.map(({ schedulerName }) => schedulerName);
  const twice = names.findIndex((name, at) => names.indexOf(name) < at);
  if (twice >= 0) throw new Error(`profiles[${twice}].schedulerName: ${names[twice]} is named twice`);
  return [...standardSchedulers.filter(({ schedulerName }) => !names.includes(schedulerName)), ...chosen];
}

function choiceOf(path: string, profile: unknown): SchedulerChoice {
  const { schedulerName, strategy } = fieldsOf(path, profile, ['schedulerName', 'strategy']);
  if (typeof schedulerName !== 'string' || !namePattern.test(schedulerName))
    throw new Error(
      `${path}.schedulerName must be a name of lower case letters, digits, "-" and ".", got ${shown(schedulerName)}`,
    );
  const known = strategies.find((each) => each === strategy);
  if (known === undefined)
    throw new Error(`${path}.strategy must be one of ${strategies.join(', ')}, got ${shown(strategy)}`);
  return { schedulerName, strategy: known };
}

function fieldsOf(path: string, value: unknown, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${path} must have the fields ${known.join(', ')}, got ${shown(value)}`);
  const unknown = Object.keys(value).find((field) => !known.includes(field));
  if (unknown !== undefined) throw new Error(`${path} has no field ${unknown}, only ${known.join(', ')}`);
  return value as Readonly<Record<string, unknown>>;
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 100);
}
