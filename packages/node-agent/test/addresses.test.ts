import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AddressPool, gatewayOf } from '../src/network/address-pool.ts';
import { blockOf, contains, formatCidr, formatIpv4, parseCidr, parseIpv4 } from '../src/network/ipv4.ts';
import { neededRoutes } from '../src/network/node-routes.ts';

test('addresses and blocks read and print the same', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 32 - 1), fc.integer({ min: 0, max: 32 }), (address, prefix) => {
      expect(parseIpv4(formatIpv4(address))).toBe(address);
      const block = blockOf(address, prefix);
      expect(parseCidr(formatCidr(block))).toEqual(block);
      expect(contains(block, address)).toBe(true);
    }),
  );
});

test.each(['10.0.0', '010.0.0.1', '10.0.0.256', '::1', ''])('%j is no address', (text) => {
  expect(() => parseIpv4(text)).toThrow(RangeError);
});

test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.1/24', '10.0.0.0/24/1', '10.0.0.0/x'])('%j is no block', (text) => {
  expect(() => parseCidr(text)).toThrow(RangeError);
});

test('every address of a range is given once, without network, gateway and broadcast; then none is left', () => {
  const given: string[] = [];
  const pool = new AddressPool(parseCidr('10.244.1.0/29'), () => []);
  for (let next = pool.reserve(); next !== undefined; next = pool.reserve()) given.push(next);
  expect(given).toEqual(['10.244.1.2', '10.244.1.3', '10.244.1.4', '10.244.1.5', '10.244.1.6']);
  expect(gatewayOf(parseCidr('10.244.1.0/29'))).toBe('10.244.1.1');
});

test('what sandboxes carry is never given, what was given back rests as long as possible', () => {
  const inUse = new Set(['10.244.1.3']);
  const pool = new AddressPool(parseCidr('10.244.1.0/29'), () => inUse);
  expect(pool.reserve()).toBe('10.244.1.2');
  pool.release('10.244.1.2');
  expect([pool.reserve(), pool.reserve(), pool.reserve(), pool.reserve()]).toEqual([
    '10.244.1.4',
    '10.244.1.5',
    '10.244.1.6',
    '10.244.1.2',
  ]);
  expect(pool.reserve()).toBeUndefined();
  inUse.clear();
  expect(pool.reserve()).toBe('10.244.1.3');
});

test('routes are needed to nodes on the same link only', () => {
  const addresses = { isOwn: (ip: string) => ip === '192.0.2.1', isOnLink: (ip: string) => ip.startsWith('192.0.2.') };
  const nodes = ['192.0.2.1', '192.0.2.2', '198.51.100.1'].map((nodeIp, index) => ({
    nodeName: `n${index}`,
    nodeIp,
    podCidr: `10.244.${index}.0/24`,
  }));
  expect(neededRoutes(nodes, addresses).map(({ nodeIp }) => nodeIp)).toEqual(['192.0.2.2']);
});
