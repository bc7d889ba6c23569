/** What a command found, one line at a time, on standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** How far a command is, on standard error: what it found can be redirected alone. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** "3 seeds", "1 seed". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
