import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CodecError } from '../../src/codec/byte-reader.ts';
import { revision } from '../../src/index.ts';
import { type Command, decodeCommand, encodeCommand } from '../../src/state/command.ts';

const key = fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 12 });
const whole = fc.maxSafeNat();
const compare = fc.oneof(
  fc.record({
    key,
    target: fc.constantFrom('mod' as const, 'create' as const),
    is: fc.constantFrom('=' as const, '<' as const),
    revision: whole.map(revision),
  }),
  fc.record({
    key,
    target: fc.constant('version' as const),
    is: fc.constantFrom('>' as const, '!=' as const),
    version: whole,
  }),
);
const operation = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key, value: fc.uint8Array({ maxLength: 40 }) }),
  fc.record({ kind: fc.constant('delete' as const), from: key }),
  fc.record({ kind: fc.constant('range' as const), from: key, to: key }),
);
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    kind: fc.constant('txn' as const),
    wallMs: whole,
    fenceTerm: fc.option(fc.integer({ min: 1 }), { nil: undefined }),
    request: fc.record({
      compare: fc.array(compare, { maxLength: 3 }),
      success: fc.array(operation, { maxLength: 3 }),
      failure: fc.array(operation, { maxLength: 3 }),
      cause: fc.string({ maxLength: 20 }),
    }),
  }),
  fc.record({ kind: fc.constant('compact' as const), to: whole.map(revision) }),
  fc.record({ kind: fc.constant('open-session' as const), nonce: fc.uuid(), wallMs: whole }),
  fc.record({ kind: fc.constant('check-hash' as const), index: whole, hash: fc.string() }),
);

test('a command survives its way through the log', () => {
  fc.assert(
    fc.property(command, (each) => {
      expect(decodeCommand(encodeCommand(each))).toEqual(each);
    }),
  );
});

test('bytes that are no command are refused, not misread', () => {
  fc.assert(
    fc.property(command, fc.nat(), (each, cut) => {
      const bytes = encodeCommand(each);
      expect(() => decodeCommand(bytes.subarray(0, cut % bytes.length))).toThrow(CodecError);
    }),
  );
});
