import { createServer, type Socket } from 'node:net';
import {
  type Frame,
  FrameReader,
  flags,
  frame,
  framed,
  frameTypes,
  indexedField,
  literalField,
  preface,
  settings,
  settingsFrame,
  windowBytesMax,
  windowFrame,
} from './http2-frames.ts';

/** `:status: 200` in the static table of headers. */
const status200 = 8;
/** As long as one with a value of 256 bytes. */
const message = framed(Buffer.alloc(300));
const head = Buffer.concat([indexedField(status200), literalField('content-type', 'application/grpc')]);
const trailer = literalField('grpc-status', '0');

// The program of a server that answers each unary call at once, and always the same.
const server = createServer({ noDelay: true }, serve);
const [host, port] = (process.argv[2] ?? '').split(':');
server.listen(Number(port), host, () => process.send?.('ready'));
process.on('disconnect', () => process.exit(0));

function serve(socket: Socket): void {
  const reader = new FrameReader();
  let prefaceLeft = preface.length;
  socket.on('error', () => socket.destroy());
  socket.write(settingsFrame([[settings.initialWindowSize, windowBytesMax]]));
  socket.on('data', (chunk) => {
    const skipped = Math.min(prefaceLeft, chunk.length);
    prefaceLeft -= skipped;
    const answers = [...reader.read(chunk.subarray(skipped))].flatMap(answersTo);
    if (answers.length > 0) socket.write(Buffer.concat(answers));
  });
}

function answersTo({ type, flags: flag, stream, payload }: Frame): Buffer[] {
  const ended = (flag & flags.endStream) !== 0;
  if (type === frameTypes.settings && !ended) return [frame(frameTypes.settings, flags.acknowledged, 0)];
  if (type !== frameTypes.data) return [];
  const more = windowFrame(0, payload.length);
  if (!ended) return [more];
  return [
    more,
    frame(frameTypes.headers, flags.endHeaders, stream, head),
    frame(frameTypes.data, 0, stream, message),
    frame(frameTypes.headers, flags.endHeaders | flags.endStream, stream, trailer),
  ];
}
