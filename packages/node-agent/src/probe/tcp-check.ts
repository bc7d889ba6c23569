import { connect } from 'node:net';
import type { HealthVerdict } from './health-check.ts';

/** Good as soon as the connection stands. */
export function checkTcp(host: string, port: number, timeoutMs: number): Promise<HealthVerdict> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (verdict: HealthVerdict) => {
      socket.destroy();
      resolve(verdict);
    };
    socket.setTimeout(timeoutMs, () => end({ ok: false, message: `dial tcp ${host}:${port}: i/o timeout` }));
    socket.once('connect', () => end({ ok: true }));
    socket.on('error', ({ message }) => end({ ok: false, message: `dial tcp ${host}:${port}: ${message}` }));
  });
}
