import { revision } from '@berth/store';
import { expect, test } from 'vitest';
import { decodeContinue, encodeContinue } from '../../src/registry/continue-token.ts';

test.each([{ revision: revision(7), start: 'web-1\u0001' }, { start: 'default/web\u0001' }])(
  'a token says where to go on: %o',
  (point) => {
    expect(decodeContinue(encodeContinue(point))).toEqual(point);
  },
);

test.each([
  '',
  'x',
  '!!!',
  Buffer.from('{}').toString('base64url'),
  Buffer.from('{"v":1,"rv":0,"start":"a"}').toString('base64url'),
  Buffer.from('{"v":1,"rv":5,"start":""}').toString('base64url'),
  Buffer.from('{"v":2,"rv":5,"start":"a"}').toString('base64url'),
])('%j is no token of ours', (token) => {
  expect(decodeContinue(token)).toBeUndefined();
});
