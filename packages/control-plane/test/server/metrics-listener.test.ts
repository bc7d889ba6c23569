import { Writable } from 'node:stream';
import { realWorld } from '@berth/world';
import { expect, test } from 'vitest';
import { openLog } from '../../src/logging/log.ts';
import { isLoopback, openMetricsListener } from '../../src/metrics/metrics-listener.ts';
import { createMetrics } from '../../src/metrics/process-metrics.ts';

test.each([
  { host: '127.0.0.1', loopback: true },
  { host: '127.8.0.1', loopback: true },
  { host: '::1', loopback: true },
  { host: 'localhost', loopback: true },
  { host: '0.0.0.0', loopback: false },
  { host: '::', loopback: false },
  { host: '10.0.0.1', loopback: false },
  { host: 'localhost.example.org', loopback: false },
])('$host is loopback: $loopback', ({ host, loopback }) => {
  expect(isLoopback(host)).toBe(loopback);
});

test('metrics and health are served on loopback', async () => {
  const readiness = {
    live: () => [{ name: 'event-loop', ok: true }],
    ready: () => [{ name: 'store-has-leader', ok: false, reason: 'no quorum: s2, s3 do not answer' }],
  };
  await using listener = await openMetricsListener({
    host: '127.0.0.1',
    port: 0,
    metrics: createMetrics(realWorld),
    readiness,
  });
  const get = async (path: string) => await fetch(`http://127.0.0.1:${listener.port}${path}`);
  expect(await (await get('/metrics')).text()).toMatch(/^berth_server_uptime_seconds [0-9.]+$/m);
  expect((await get('/livez')).status).toBe(200);
  const ready = await get('/readyz');
  expect(ready.status).toBe(500);
  expect(await ready.text()).toBe('[-]store-has-leader failed: no quorum: s2, s3 do not answer\n');
  expect((await get('/')).status).toBe(404);
});

test('metrics are not served where others can reach them', async () => {
  const readiness = { live: () => [], ready: () => [] };
  const opening = openMetricsListener({ host: '0.0.0.0', port: 0, metrics: createMetrics(realWorld), readiness });
  await expect(opening).rejects.toThrow('must listen on a loopback address, not on 0.0.0.0');
});

test('no log line shows a credential', () => {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const log = openLog({ level: 'info', serverName: 's1', destination });
  log.info(
    { token: 'sesame', headers: { authorization: 'sesame' }, object: { data: { password: 'sesame' } } },
    'joined',
  );
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('sesame');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', server: 's1', msg: 'joined' });
});
