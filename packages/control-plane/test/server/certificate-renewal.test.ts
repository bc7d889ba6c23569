import { connect } from 'node:tls';
import type { World } from '@berth/world';
import { expect, test, vi } from 'vitest';
import { shiftedWorld } from '../security/shifted-world.ts';
import { freePorts, inMemory, startTestServer, temporaryFolder } from './running-server.ts';

// Whole servers, with threads and processes of their own, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const dayMs = 24 * 3_600_000;
const renewalCheckMs = 60_000;

/** When the certificate ends that a new connection is shown, in days from now, rounded. */
function daysLeftAt(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] });
    socket.once('secureConnect', () => {
      resolve(Math.round((Date.parse(socket.getPeerCertificate().valid_to) - Date.now()) / dayMs));
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

test('after two thirds of its life a running server shows a new certificate on all its ports', async () => {
  await using folder = await temporaryFolder();
  const ports = await freePorts(3);
  const [api = 0, gateway = 0] = ports;
  const shifted = shiftedWorld();
  const checks: (() => void)[] = [];
  const world: World = {
    ...shifted,
    timers: {
      ...shifted.timers,
      every(intervalMs, run) {
        if (intervalMs === renewalCheckMs) checks.push(run);
        return shifted.timers.every(intervalMs, run);
      },
    },
  };
  await using server = await startTestServer({
    name: 's1',
    dataDir: folder.path,
    ports,
    openStore: inMemory().openStore,
    world,
  });
  await server.ready();
  expect([await daysLeftAt(api), await daysLeftAt(gateway)]).toEqual([90, 90]);
  shifted.advance(61 * dayMs);
  for (const check of checks) check();
  while ((await daysLeftAt(api)) === 90 || (await daysLeftAt(gateway)) === 90);
  expect([await daysLeftAt(api), await daysLeftAt(gateway)]).toEqual([151, 151]);
});
