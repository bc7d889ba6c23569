import { generatedName, nameSuffix, nameSuffixLength, podTemplateHash } from '@berth/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkCidr, isIpAddress } from '../src/text/ip-address.ts';
import {
  checkDataKey,
  checkDns1035Label,
  checkDnsLabel,
  checkDnsSubdomain,
  checkEnvironmentName,
  checkLabelValue,
  checkPortName,
  checkQualifiedName,
} from '../src/text/name-format.ts';
import { checkSignalName } from '../src/text/signal-name.ts';

const checks = {
  checkDnsLabel,
  checkDnsSubdomain,
  checkDns1035Label,
  checkQualifiedName,
  checkLabelValue,
  checkPortName,
  checkDataKey,
  checkEnvironmentName,
  checkSignalName,
  checkCidr,
};

test.each<[keyof typeof checks, string]>([
  ['checkDnsLabel', 'web-1'],
  ['checkDnsLabel', '1web'],
  ['checkDnsSubdomain', 'a.b-c.d'],
  ['checkDns1035Label', 'web-1'],
  ['checkQualifiedName', 'App_Name.v1'],
  ['checkQualifiedName', 'example.com/Name'],
  ['checkLabelValue', ''],
  ['checkLabelValue', 'V_1.2-x'],
  ['checkPortName', 'http-80'],
  ['checkDataKey', '.dockerconfigjson'],
  ['checkDataKey', 'a_b-c.d'],
  ['checkEnvironmentName', 'my.var-1'],
  ['checkSignalName', 'SIGTERM'],
  ['checkSignalName', 'SIGRTMIN+3'],
  ['checkCidr', '10.244.1.0/24'],
])('%s accepts %j', (check, text) => {
  expect(checks[check](text)).toBeUndefined();
});

test.each<[keyof typeof checks, string, string]>([
  ['checkDnsLabel', 'Web', 'a lowercase RFC 1123 label must consist of'],
  ['checkDnsLabel', 'web-', 'a lowercase RFC 1123 label must consist of'],
  ['checkDnsLabel', 'a'.repeat(64), 'must be no more than 63 bytes'],
  ['checkDnsSubdomain', 'a..b', 'a lowercase RFC 1123 subdomain must consist of'],
  ['checkDnsSubdomain', 'a_b', 'a lowercase RFC 1123 subdomain must consist of'],
  ['checkDns1035Label', '1web', 'a DNS-1035 label must consist of'],
  ['checkQualifiedName', 'a/b/c', 'a qualified name must consist of'],
  ['checkQualifiedName', '/b', 'prefix part must be non-empty'],
  ['checkQualifiedName', 'a/', 'name part must be non-empty'],
  ['checkQualifiedName', '', 'name part must be non-empty'],
  ['checkQualifiedName', 'A.com/x', 'prefix part a lowercase RFC 1123 subdomain'],
  ['checkLabelValue', 'a b', 'a valid label must be an empty string or'],
  ['checkPortName', '8080', 'must contain at least one letter (a-z)'],
  ['checkPortName', 'a--b', 'must not contain consecutive hyphens'],
  ['checkPortName', 'name-longer-than-15', 'must be no more than 15 bytes'],
  ['checkDataKey', '..', "must not be '..'"],
  ['checkDataKey', '..data', "must not start with '..'"],
  ['checkDataKey', 'a b', 'a valid config key must consist of'],
  ['checkEnvironmentName', 'a=b', "printable ASCII characters other than '='"],
  ['checkSignalName', 'TERM', 'must be the name of a Linux signal'],
  ['checkSignalName', 'SIGWHAT', 'must be the name of a Linux signal'],
  ['checkCidr', '10.0.0.0/33', 'must be a valid CIDR value'],
])('%s refuses %j: %s', (check, text, message) => {
  expect(checks[check](text)).toContain(message);
});

test.each([
  ['10.0.0.1', true],
  ['256.0.0.1', false],
  ['010.0.0.1', false],
  ['1.2.3', false],
  ['::', true],
  ['::1', true],
  ['2001:db8::ffff', true],
  ['1:2:3:4:5:6:7:8', true],
  ['1:2:3:4:5:6:7::', true],
  ['1:2:3:4:5:6:7:8::', false],
  ['::ffff:10.0.0.1', true],
  ['1::2::3', false],
  ['12345::', false],
  ['web', false],
])('%s is an IP address: %s', (text, isAddress) => {
  expect(isIpAddress(text)).toBe(isAddress);
});

test('a generated name is the base with a suffix, never longer than 63 characters', () => {
  const suffix = nameSuffix((below) => below - 1);
  expect(suffix).toHaveLength(nameSuffixLength);
  expect(generatedName('web-', suffix)).toBe('web-99999');
  expect(generatedName('a'.repeat(70), suffix)).toHaveLength(63);
});

test('suffixes are made of letters and digits that spell nothing', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
      expect(nameSuffix((below) => (numbers.next().value ?? 0) % below)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    }),
  );
});

test('equal templates have equal hashes, whatever the order of their keys', () => {
  const template = { metadata: { labels: { a: '1', b: '2' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const turned = { spec: { containers: [{ image: 'i', name: 'c' }] }, metadata: { labels: { b: '2', a: '1' } } };
  expect(podTemplateHash(turned)).toBe(podTemplateHash(template));
  expect(podTemplateHash(template)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]+$/);
  // Hashes are in names of stored objects: they may not change from release to release.
  expect(podTemplateHash(template)).toBe('7d949f4bf4');
});

test('the hash tells templates and collision counts apart', () => {
  const hashes = [{ a: 1 }, { a: 2 }, { a: '1' }, { a: [1] }, { b: 1 }].map((template) => podTemplateHash(template));
  const counted = [0, 1].map((count) => podTemplateHash({ a: 1 }, count));
  expect(new Set([...hashes, ...counted]).size).toBe(7);
});
