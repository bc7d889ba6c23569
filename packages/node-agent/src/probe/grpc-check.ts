import { Client, credentials, status } from '@grpc/grpc-js';
import type { HealthVerdict } from './health-check.ts';

/** grpc.health.v1.Health/Check; its two messages have one field each, so they are written by hand. */
const method = '/grpc.health.v1.Health/Check';
const serving = 1;

export function checkGrpc(host: string, port: number, service: string, timeoutMs: number): Promise<HealthVerdict> {
  const client = new Client(`${host}:${port}`, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  return new Promise<HealthVerdict>((resolve) => {
    const options = { deadline: Date.now() + timeoutMs };
    client.makeUnaryRequest(method, encodeService, decodeStatus, service, options, (error, answer) => {
      if (error !== null)
        resolve({ ok: false, message: `error: health rpc failed: ${status[error.code]}: ${error.details}` });
      else if (answer === serving) resolve({ ok: true });
      else resolve({ ok: false, message: `service unhealthy (responded with status ${answer})` });
    });
  }).finally(() => client.close());
}

/** Field 1, a string. */
function encodeService(service: string): Buffer {
  const text = Buffer.from(service, 'utf8');
  return text.length === 0 ? text : Buffer.concat([Buffer.from([0x0a, text.length]), text]);
}

/** Field 1, an enumeration of one digit; absent = 0, unknown. */
function decodeStatus(message: Buffer): number {
  return message[0] === 0x08 ? (message[1] ?? 0) : 0;
}
