import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { realWorld } from '@berth/world';
import { expect, test } from 'vitest';
import { createCertificateAuthority } from '../../src/security/certificate-authority.ts';
import type { TlsMaterial, TlsSource } from '../../src/security/server-certificate.ts';
import { generateKeyPair } from '../../src/security/x509.ts';
import { openGatewayBench } from '../gateway/gateway-bench.ts';

/** A certificate that a test replaces. */
class ReplaceableTls implements TlsSource {
  current: TlsMaterial;
  readonly #listeners = new Set<(material: TlsMaterial) => void>();

  constructor(current: TlsMaterial) {
    this.current = current;
  }

  onChange(listener: (material: TlsMaterial) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  replace(material: TlsMaterial): void {
    this.current = material;
    for (const listener of this.#listeners) listener(material);
  }
}

/** Serial number of the certificate that a new connection is shown. */
function serialAt(address: string, ca: string): Promise<string> {
  const [host, port] = address.split(':');
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: Number(port),
      ca,
      ALPNProtocols: ['h2'],
      checkServerIdentity: () => undefined,
    });
    socket.once('secureConnect', () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

test('a renewed certificate is shown to new connections while open sessions go on', async () => {
  const authority = await createCertificateAuthority(realWorld);
  const material = async (): Promise<TlsMaterial> => {
    const keys = await generateKeyPair();
    const certificate = await authority.issue({ kind: 'server', name: 's1' }, keys.publicKey, ['s1', '127.0.0.1']);
    return { caCertificate: authority.certificate, certificate, privateKey: keys.privateKey };
  };
  const serialOf = ({ certificate }: TlsMaterial): string => new X509Certificate(certificate).serialNumber;
  const [first, second] = [await material(), await material()];
  const tls = new ReplaceableTls(first);
  await using bench = await openGatewayBench({ authority, tls });
  const before = await bench.agent('n1');
  before.hello();
  await before.next('synced');
  expect(await serialAt(bench.address, authority.certificate)).toBe(serialOf(first));

  tls.replace(second);
  expect(await serialAt(bench.address, authority.certificate)).toBe(serialOf(second));
  await before.roundTrip();
  const after = await bench.agent('n2');
  after.hello();
  await after.next('synced');
  expect(bench.gateway.sessions().map(({ nodeName }) => nodeName)).toEqual(['n1', 'n2']);
});
