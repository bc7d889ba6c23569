import { expect, test } from 'vitest';
import { parseSchedulers } from '../../src/scheduling/scheduler-configuration.ts';
import { parseServerOptions, UsageError } from '../../src/server-options.ts';

test('profiles are read from YAML or JSON; a default scheduler that is not named packs', () => {
  const gpu = { schedulerName: 'gpu', strategy: 'stranding' };
  expect(parseSchedulers('profiles:\n  - schedulerName: gpu\n    strategy: stranding\n')).toEqual([
    { schedulerName: 'default-scheduler', strategy: 'pack' },
    gpu,
  ]);
  const spreading = { schedulerName: 'default-scheduler', strategy: 'spread' };
  expect(parseSchedulers(JSON.stringify({ profiles: [gpu, spreading] }))).toEqual([gpu, spreading]);
});

test.each([
  ['', 'the file must have the fields profiles, got null'],
  ['profiles: {', 'is no YAML: '],
  ['profiles: []', 'profiles must be a list of at least one profile, got []'],
  ['schedulers: []', 'the file has no field schedulers, only profiles'],
  ['profiles: [spread]', 'profiles[0] must have the fields schedulerName, strategy, got "spread"'],
  ['profiles: [{ schedulerName: a, plugins: {} }]', 'profiles[0] has no field plugins, only schedulerName, strategy'],
  [
    'profiles: [{ schedulerName: Fast One, strategy: pack }]',
    'profiles[0].schedulerName must be a name of lower case letters, digits, "-" and ".", got "Fast One"',
  ],
  [
    'profiles: [{ schedulerName: a, strategy: most }]',
    'profiles[0].strategy must be one of pack, spread, balanced, stranding, got "most"',
  ],
  [
    'profiles: [{ schedulerName: a, strategy: pack }, { schedulerName: a, strategy: spread }]',
    'profiles[1].schedulerName: a is named twice',
  ],
])('%j is refused: %s', (text, message) => {
  expect(() => parseSchedulers(text)).toThrow(message);
});

test('a mistake is one of the command line, and names flag and file', () => {
  const start = (): unknown =>
    parseServerOptions(['--scheduler-config', 'profiles.yaml'], { readFile: () => 'profiles: 1' });
  expect(start).toThrow(UsageError);
  expect(start).toThrow('--scheduler-config profiles.yaml: profiles must be a list of at least one profile, got 1');
});
