import { pino } from 'pino';
import type { LogLevel } from '../agent-options.ts';
import type { Log } from './log.ts';

/** Lines of JSON on standard error, with the node's name in each; secrets never reach it. */
export function processLog(level: LogLevel, nodeName: string): Log {
  const options = {
    level,
    base: { node: nodeName },
    serializers: { error: (error: unknown) => (error instanceof Error ? pino.stdSerializers.err(error) : error) },
    redact: ['token', '*.token', '*.authorization', '*.privateKey'],
  };
  return pino(options, pino.destination({ dest: 2, sync: true }));
}
