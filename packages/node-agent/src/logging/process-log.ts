import { type DestinationStream, pino } from 'pino';
import type { LogLevel } from '../agent-options.ts';
import type { Log } from './log.ts';

/** Places where a credential could slip into a line. */
const secretPaths = ['token', 'authorization', 'privateKey', '*.token', '*.authorization', '*.privateKey'];

export interface ProcessLogOptions {
  readonly level: LogLevel;
  readonly nodeName: string;
  /** Default: standard output, written at once, so that no line is lost when the process dies. */
  readonly destination?: DestinationStream;
}

/** JSON lines as the servers write them, with the node's name in each. */
export function processLog({ level, nodeName, destination }: ProcessLogOptions): Log {
  return pino(
    {
      level,
      base: { node: nodeName },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: (error: unknown) => (error instanceof Error ? pino.stdSerializers.err(error) : error) },
      redact: { paths: secretPaths, censor: '[redacted]' },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}
