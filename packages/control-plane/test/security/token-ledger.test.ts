import { memoryStore } from '@berth/store';
import { expect, test } from 'vitest';
import { parseJoinToken } from '../../src/security/join-token.ts';
import { type TokenLedger, tokenLedger } from '../../src/security/token-ledger.ts';
import { shiftedWorld } from './shifted-world.ts';

const caHash = 'ab'.repeat(32);
const hourMs = 3_600_000;

function openLedger() {
  const world = shiftedWorld();
  const store = memoryStore(world);
  return { world, store, ledger: tokenLedger(store, world, caHash) };
}

async function created(ledger: TokenLedger, role: 'agent' | 'server' = 'agent', ttlSeconds = 3600) {
  const token = await ledger.create({ role, ttlSeconds, description: 'rack 7' });
  const parsed = token === undefined ? undefined : parseJoinToken(token.text);
  if (token === undefined || parsed === undefined) throw new Error('no token was made');
  return { ...token, parsed };
}

test('a token names role, id, secret and the hash of the CA', async () => {
  const { ledger } = openLedger();
  const { text, record, parsed } = await created(ledger, 'server');
  expect(text).toMatch(/^berth1\.server\.[a-z0-9]{10}\.[0-9a-f]{32}\.[0-9a-f]{64}$/);
  expect(parsed).toMatchObject({ role: 'server', id: record.id, caHash });
});

test.each([
  '',
  'hello',
  `berth1.admin.abcdefghij.0123456789abcdef0123456789abcdef.${'ab'.repeat(32)}`,
  `berth2.agent.abcdefghij.0123456789abcdef0123456789abcdef.${'ab'.repeat(32)}`,
  `berth1.agent.abcdefghij.0123456789abcdef0123456789abcdef.${'ab'.repeat(31)}`,
  `berth1.agent.abcdefghij.0123456789abcdef0123456789abcde.${'ab'.repeat(32)}`,
])('%j is no token', (text) => {
  expect(parseJoinToken(text)).toBeUndefined();
});

test('a fresh token is accepted, as often as wanted', async () => {
  const { ledger } = openLedger();
  const { parsed, record } = await created(ledger);
  expect(await ledger.verify(parsed)).toEqual({ kind: 'accepted', token: record });
  expect(await ledger.verify(parsed)).toEqual({ kind: 'accepted', token: record });
});

test('the store holds the hash of the secret and never the secret', async () => {
  const { ledger, store } = openLedger();
  const { parsed } = await created(ledger);
  const { kvs } = await store.range({ from: '/', to: '0', consistency: { kind: 'local' } });
  const stored = kvs.map((kv) => Buffer.from(kv.value).toString()).join('\n');
  expect(stored).toContain(parsed.id);
  expect(stored).not.toContain(parsed.secret);
});

test('an expired token is refused with the time of its end', async () => {
  const { ledger, world } = openLedger();
  const { parsed, record } = await created(ledger, 'agent', 3600);
  world.advance(hourMs - 60_000);
  expect(await ledger.verify(parsed)).toMatchObject({ kind: 'accepted' });
  world.advance(60_000);
  expect(await ledger.verify(parsed)).toEqual({
    kind: 'refused',
    message: `join token ${parsed.id} expired at ${new Date(record.expiresMs).toISOString()}: make a new one with "berth token create --role agent"`,
  });
});

test('a revoked token is refused', async () => {
  const { ledger } = openLedger();
  const { parsed } = await created(ledger);
  expect(await ledger.revoke(parsed.id)).toBe(true);
  expect(await ledger.verify(parsed)).toMatchObject({ kind: 'refused', message: expect.stringContaining('revoked') });
  expect(await ledger.revoke(parsed.id)).toBe(false);
});

test('neither the secret nor the role of a token can be altered', async () => {
  const { ledger } = openLedger();
  const { parsed } = await created(ledger, 'agent');
  const message = expect.stringContaining('not genuine');
  expect(await ledger.verify({ ...parsed, secret: '0'.repeat(32) })).toMatchObject({ kind: 'refused', message });
  expect(await ledger.verify({ ...parsed, role: 'server' })).toMatchObject({ kind: 'refused', message });
});

test('the list shows tokens in the order of their making, without secrets', async () => {
  const { ledger, world } = openLedger();
  const first = await created(ledger, 'agent');
  world.advance(1000);
  const second = await created(ledger, 'server');
  expect(await ledger.list()).toEqual([first.record, second.record]);
  expect(Object.keys(first.record).sort()).toEqual(['createdMs', 'description', 'expiresMs', 'id', 'role']);
});

test('a token that expired more than a day ago is forgotten when the next one is made', async () => {
  const { ledger, world } = openLedger();
  const old = await created(ledger, 'agent', 60);
  world.advance(25 * hourMs);
  const next = await created(ledger);
  expect((await ledger.list()).map(({ id }) => id)).toEqual([next.record.id]);
  expect(await ledger.verify(old.parsed)).toMatchObject({ message: expect.stringContaining('revoked or never made') });
});
