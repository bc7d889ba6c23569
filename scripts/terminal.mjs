// What the set-up scripts print. Plain JavaScript for Node >= 20, since it runs before anything is installed.
import { createInterface } from 'node:readline/promises';

const colourful = process.stdout.isTTY && process.env.NO_COLOR === undefined;
const paint = (code, text) => (colourful ? `\u001b[${code}m${text}\u001b[0m` : text);

export const bold = (text) => paint('1', text);
const faint = (text) => paint('2', text);
const green = (text) => paint('32', text);
const red = (text) => paint('31', text);

/** Runs one step of the set-up, saying what it is, how it ended and how long it took. */
export async function step(title, run) {
  const begin = performance.now();
  if (colourful) process.stdout.write(`${faint('…')} ${title}`);
  try {
    const note = await run();
    finish(green('✓'), title, begin, note);
  } catch (error) {
    finish(red('✗'), title, begin, '');
    throw error;
  }
}

function finish(mark, title, begin, note) {
  const seconds = `${((performance.now() - begin) / 1000).toFixed(1)} s`;
  const line = `${mark} ${title}${note ? ` ${faint(note)}` : ''} ${faint(seconds)}\n`;
  process.stdout.write(colourful ? `\r\u001b[2K${line}` : line);
}

/** Asks on a terminal; without one (CI, a script) goes on by itself and says so. */
export async function confirm(question) {
  if (!process.stdin.isTTY || !process.stdout.isTTY || process.env.CI) {
    process.stdout.write(`${question} Going on without a terminal to ask.\n`);
    return true;
  }
  const asked = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await asked.question(`${question} [Y/n] `);
    return /^(?:y|yes|)$/i.test(answer.trim());
  } finally {
    asked.close();
  }
}

/** Ends the script with a sentence instead of a stack trace. */
export function fail(error) {
  process.stderr.write(`${red('berth:')} ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
