import { createSocket } from 'node:dgram';

const anyPort = 9;

/** The address of this machine that packets to `peer` carry. Nothing is sent: the kernel is only asked for its route. */
export function addressTowards(peer: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = createSocket('udp4');
  socket.once('error', reject);
  socket.connect(anyPort, peer, () => resolve(socket.address().address));
  return promise.finally(() => socket.close());
}
