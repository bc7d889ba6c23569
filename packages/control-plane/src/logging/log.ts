import { type DestinationStream, type Logger, pino } from 'pino';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Places where a credential could slip into a line. */
const secretPaths: readonly string[] = [
  'authorization',
  'token',
  'secret',
  'privateKey',
  'caKey',
  '*.authorization',
  '*.token',
  '*.secret',
  '*.privateKey',
  '*.caKey',
  'req.headers.authorization',
  'headers.authorization',
  // Objects of kind Secret that are logged by mistake.
  '*.data',
  '*.stringData',
];

export interface LogOptions {
  readonly level: LogLevel;
  readonly serverName: string;
  /** Default: standard output, written at once, so that no line is lost when the process dies. */
  readonly destination?: DestinationStream;
}

/** JSON lines, one logger for the process; parts take children of it. */
export function openLog({ level, serverName, destination }: LogOptions): Logger {
  return pino(
    {
      level,
      base: { server: serverName },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...secretPaths], censor: '[redacted]' },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}
