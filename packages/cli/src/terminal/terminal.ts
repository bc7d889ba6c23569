import type { Writable } from 'node:stream';
import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

/** Where a command prints. Colours only on a terminal and without NO_COLOR. */
export interface Terminal {
  readonly isInteractive: boolean;
  line(text?: string): void;
  error(text: string): void;
  style(style: Style, text: string): string;
  /** Replaces the current line on a terminal; prints nothing elsewhere. */
  status(text: string): void;
  /** For bytes that go out as they come. */
  readonly output: Writable;
}

interface Stream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface TerminalStreams {
  readonly output: Stream;
  readonly errors: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function processTerminal(): Terminal {
  return streamTerminal({ output: process.stdout, errors: process.stderr, env: process.env });
}

export function streamTerminal({ output, errors, env }: TerminalStreams): Terminal {
  const isInteractive = output.isTTY === true && env['TERM'] !== 'dumb';
  const isColourful = isInteractive && (env['NO_COLOR'] ?? '') === '';
  let statusShown = false;
  const clearStatus = (): void => {
    if (statusShown) output.write('\r\u001b[2K');
    statusShown = false;
  };
  return {
    isInteractive,
    output,
    line(text = '') {
      clearStatus();
      output.write(`${text}\n`);
    },
    error(text) {
      clearStatus();
      errors.write(`${text}\n`);
    },
    style: (style, text) => (isColourful ? styleText(style, text, { validateStream: false }) : text),
    status(text) {
      if (!isInteractive) return;
      clearStatus();
      // A line that wraps could not be taken back.
      const columns = output.columns ?? 80;
      const plain = text.length < columns ? text : `${text.slice(0, columns - 2)}…`;
      output.write(isColourful ? styleText('dim', plain, { validateStream: false }) : plain);
      statusShown = true;
    },
  };
}
