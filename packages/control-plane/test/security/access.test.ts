import type { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { authenticateByCertificate } from '../../src/security/authentication.ts';
import { authorizeByGroup } from '../../src/security/authorization.ts';
import { identityOf, requesterOf } from '../../src/security/identity.ts';

function socket(subject: object | undefined, authorized = true): TLSSocket {
  return { authorized, getPeerCertificate: () => ({ subject }) } as unknown as TLSSocket;
}

describe('who asks', () => {
  test('is named by the client certificate; repeated organisations are groups', async () => {
    const one = socket({ CN: 'berth-admin', O: 'system:masters' });
    expect(await authenticateByCertificate({ socket: one, authorization: undefined })).toEqual({
      user: 'berth-admin',
      groups: ['system:masters', 'system:authenticated'],
    });
    const two = socket({ CN: 'jane', O: ['dev', 'ops'] });
    expect((await authenticateByCertificate({ socket: two, authorization: undefined }))?.groups).toEqual([
      'dev',
      'ops',
      'system:authenticated',
    ]);
  });

  test.each([
    { what: 'no connection', given: undefined },
    { what: 'no certificate', given: socket(undefined, false) },
    { what: 'a certificate that TLS did not accept', given: socket({ CN: 'berth-admin', O: 'system:masters' }, false) },
    { what: 'a certificate without a common name', given: socket({ O: 'system:masters' }) },
  ])('$what: nobody', async ({ given }) => {
    expect(await authenticateByCertificate({ socket: given, authorization: undefined })).toBeUndefined();
  });

  test('an unknown bearer token is nobody, even beside a good certificate', async () => {
    const admin = socket({ CN: 'berth-admin', O: 'system:masters' });
    expect(await authenticateByCertificate({ socket: admin, authorization: 'Bearer abc' })).toBeUndefined();
  });
});

describe('which machine', () => {
  test.each([
    { user: 'system:node:n1', groups: ['system:nodes'], identity: { kind: 'node', name: 'n1' } },
    { user: 'system:server:s1', groups: ['system:servers'], identity: { kind: 'server', name: 's1' } },
    { user: 'berth-admin', groups: ['system:masters'], identity: { kind: 'admin', name: 'berth-admin' } },
    { user: 'system:node:n1', groups: ['system:servers'], identity: undefined },
    { user: 'n1', groups: ['system:nodes'], identity: undefined },
    { user: 'system:node:', groups: ['system:nodes'], identity: undefined },
  ])('$user in $groups', ({ user, groups, identity }) => {
    expect(identityOf({ user, groups })).toEqual(identity);
  });

  test('a subject without anything is nobody', () => {
    expect(requesterOf({ subject: undefined } as never)).toBeUndefined();
  });
});

describe('what is allowed', () => {
  const attributes = { verb: 'get', path: '/api/v1/pods' };
  test.each([
    { group: 'system:masters', allowed: true },
    { group: 'system:servers', allowed: true },
    { group: 'system:nodes', allowed: false },
    { group: 'dev', allowed: false },
  ])('$group: $allowed', async ({ group, allowed }) => {
    const requester = { user: 'x', groups: [group, 'system:authenticated'] };
    expect(await authorizeByGroup(requester, attributes)).toMatchObject({ allowed });
  });
});
