import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { engineErrorOf } from './docker-error.ts';
import { demultiplex } from './docker-output.ts';
import type { LogChunk, LogRequest } from './engine.ts';

interface Modem {
  dial(
    request: {
      readonly path: string;
      readonly method: string;
      readonly isStream: boolean;
      readonly statusCodes: Readonly<Record<number, true | string>>;
      readonly options: Readonly<Record<string, unknown>>;
    },
    done: (error: Error | null, answer: Readable) => void,
  ): void;
}

/** Reads a container's log as a stream; dockerode itself would hold a log that is not followed in memory as a whole. */
export async function* dockerLogs(
  docker: Docker,
  containerId: string,
  request: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<LogChunk> {
  try {
    const { Config } = await docker.getContainer(containerId).inspect();
    const stream = await openLog(docker.modem as Modem, containerId, request);
    const stop = () => stream.destroy();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      yield* demultiplex(stream, Config.Tty);
    } finally {
      signal.removeEventListener('abort', stop);
      stream.destroy();
    }
  } catch (thrown) {
    if (!signal.aborted) throw engineErrorOf(thrown, 'reading the log of a container');
  }
}

function openLog(modem: Modem, containerId: string, request: LogRequest): Promise<Readable> {
  return new Promise((resolve, reject) => {
    modem.dial(
      {
        path: `/containers/${containerId}/logs?`,
        method: 'GET',
        isStream: true,
        statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
        options: {
          stdout: true,
          stderr: true,
          follow: request.follow,
          timestamps: request.timestamps,
          ...(request.tailLines === undefined ? {} : { tail: request.tailLines }),
          ...(request.sinceMs === undefined ? {} : { since: secondsText(request.sinceMs) }),
        },
      },
      (error, answer) => (error === null ? resolve(answer) : reject(error)),
    );
  });
}

/** Seconds with nine digits after the point, as Docker's `since` wants them. */
function secondsText(ms: number): string {
  return `${Math.floor(ms / 1000)}.${String(Math.floor(ms % 1000)).padStart(3, '0')}000000`;
}
