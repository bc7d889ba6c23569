import { labelSelectorTerms, matchesLabels, parseLabelQuery, printLabelRequirements, SelectorError } from '@berth/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const web = { app: 'web', tier: 'front', size: '10', 'example.com/team': 'a' };

test.each([
  ['', true],
  ['app=web', true],
  ['app==web', true],
  ['app = web', true],
  ['app=db', false],
  ['app!=db', true],
  ['missing!=x', true],
  ['app in (web,db)', true],
  ['app in (db, web )', true],
  ['app in (db)', false],
  ['app notin (db)', true],
  ['missing notin (x)', true],
  ['app notin (web)', false],
  ['app', true],
  ['missing', false],
  ['!missing', true],
  ['! app', false],
  ['size>9', true],
  ['size<10', false],
  ['app>1', false],
  ['example.com/team=a,app=web', true],
  ['example.com/team=a,app=db', false],
  ['app=', false],
  ['missing=', false],
  ['app in (),!missing', false],
])('the query "%s" against the labels of a web pod: %s', (query, matches) => {
  expect(matchesLabels(parseLabelQuery(query), web)).toBe(matches);
});

test.each([
  ['app=web,', "found '', expected: identifier after ','"],
  ['app=web tier', "found 'tier', expected: ',' or 'end of string'"],
  ['app in web', "found 'web', expected: '('"],
  ['app in (a', "expected: ',' or ')'"],
  ['app between (1,2)', "found 'between', expected: in, notin, =, ==, !=, gt, lt"],
  ['-app=web', 'name part must consist of alphanumeric characters'],
  ['app=web/1', 'a valid label must be an empty string or consist of'],
  ['size>many', 'an integer'],
])('the query "%s" is refused: %s', (query, message) => {
  expect(() => parseLabelQuery(query)).toThrow(SelectorError);
  expect(() => parseLabelQuery(query)).toThrow(message);
});

test('what is printed parses to the same terms', () => {
  const key = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
  const term = fc.oneof(
    key.map((name) => ({ key: name, operator: 'exists' as const, values: [] })),
    key.map((name) => ({ key: name, operator: '!' as const, values: [] })),
    fc
      .tuple(key, fc.constantFrom('=' as const, '!=' as const), key)
      .map(([name, operator, value]) => ({ key: name, operator, values: [value] })),
    fc
      .tuple(key, fc.constantFrom('in' as const, 'notin' as const), fc.uniqueArray(key, { minLength: 1, maxLength: 3 }))
      .map(([name, operator, values]) => ({ key: name, operator, values: values.sort() })),
  );
  const byKey = { selector: (value: { readonly key: string }) => value.key, maxLength: 5 };
  fc.assert(
    fc.property(fc.uniqueArray(term, byKey), (terms) => {
      const sorted = [...terms].sort((left, right) => (left.key < right.key ? -1 : 1));
      expect(parseLabelQuery(printLabelRequirements(sorted))).toEqual(sorted);
    }),
  );
});

test('an absent selector object selects nothing, an empty one everything', () => {
  expect(matchesLabels(labelSelectorTerms(undefined), web)).toBe(false);
  expect(matchesLabels(labelSelectorTerms({}), web)).toBe(true);
  expect(matchesLabels(labelSelectorTerms({}), undefined)).toBe(true);
});

test.each([
  [{ matchLabels: { app: 'web' } }, true, 'app=web'],
  [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['db', 'web'] }] }, true, 'app in (db,web)'],
  [{ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] }, false, 'app notin (web)'],
  [{ matchExpressions: [{ key: 'tier', operator: 'Exists' }], matchLabels: { app: 'web' } }, true, 'app=web,tier'],
  [{ matchExpressions: [{ key: 'gone', operator: 'DoesNotExist' }] }, true, '!gone'],
])('the selector object %j matches: %s, and reads %s', (selector, matches, text) => {
  const terms = labelSelectorTerms(selector);
  expect(matchesLabels(terms, web)).toBe(matches);
  expect(printLabelRequirements(terms)).toBe(text);
});

test('labels named like members of every object are labels like others', () => {
  expect(matchesLabels(parseLabelQuery('constructor'), web)).toBe(false);
  expect(matchesLabels(parseLabelQuery('constructor=x'), { constructor: 'x' })).toBe(true);
});
