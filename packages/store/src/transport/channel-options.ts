import type { ChannelOptions } from '@grpc/grpc-js';

/** One message holds at most one append or one snapshot chunk, with room to spare. */
const messageBytesMax = 8 * 1024 * 1024;

/** News within seconds when the other side has vanished. */
export const peerServerOptions: ChannelOptions = {
  'grpc.max_receive_message_length': messageBytesMax,
  'grpc.max_send_message_length': messageBytesMax,
  'grpc.keepalive_time_ms': 2_000,
  'grpc.keepalive_timeout_ms': 1_000,
  'grpc.keepalive_permit_without_calls': 1,
};

/**
 * A connection of its own for every channel. The name of the server is asked for in TLS, since peers are known by name and not by
 * address (which may be one, and then must not be asked for).
 */
export function peerChannelOptions(serverName: string | undefined): ChannelOptions {
  return {
    ...peerServerOptions,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.ssl_target_name_override': serverName ?? 'berth-server',
  };
}
