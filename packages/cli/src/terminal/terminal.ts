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
}

export function processTerminal(): Terminal {
  const isInteractive = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
  let statusShown = false;
  const clearStatus = (): void => {
    if (statusShown) process.stdout.write('\r\u001b[2K');
    statusShown = false;
  };
  return {
    isInteractive,
    line(text = '') {
      clearStatus();
      process.stdout.write(`${text}\n`);
    },
    error(text) {
      clearStatus();
      process.stderr.write(`${text}\n`);
    },
    style: (style, text) => (isInteractive ? styleText(style, text, { validateStream: false }) : text),
    status(text) {
      if (!isInteractive) return;
      clearStatus();
      process.stdout.write(text);
      statusShown = true;
    },
  };
}
