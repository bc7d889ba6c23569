import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { flowWindowBytes, widenFlowWindows } from '../../src/transport/flow-windows.ts';

test('who calls may have 4 MiB under way, over all its streams and on each of them', async () => {
  widenFlowWindows();
  const server = createServer().on('stream', (stream) => stream.respond({ ':status': 200 }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const caller = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    await once(caller, 'remoteSettings');
    const stream = caller.request({ ':method': 'POST' });
    const answered = once(stream, 'response');
    const [settings] = await once(caller, 'remoteSettings');
    await answered;
    expect(settings.initialWindowSize).toBe(flowWindowBytes);
    expect(caller.state.remoteWindowSize).toBe(flowWindowBytes);
    stream.close();
  } finally {
    caller.destroy();
    server.close();
  }
});
