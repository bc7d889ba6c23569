const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What the clients of a simulated cluster can ask of its small key-value store. */
export type Command =
  | { readonly op: 'register' }
  | { readonly op: 'put'; readonly key: string; readonly value: string }
  | { readonly op: 'cas'; readonly key: string; readonly expect: string | undefined; readonly value: string }
  | { readonly op: 'delete'; readonly key: string }
  /** Decided by a leader under its term; refused under another one (rule 64). */
  | { readonly op: 'fenced'; readonly fence: number }
  /** Ends the session that was idle longest (rule 61). */
  | { readonly op: 'expire'; readonly session: number };

/** A command as it travels: with the proposer's clock, since apply has none (rules 27, 66). */
export interface TimedCommand {
  readonly command: Command;
  readonly wallMs: number;
}

/** `padBytes` makes the entry larger without a meaning. */
export function encodeCommand(timed: TimedCommand, padBytes: number): Uint8Array {
  const text = encoder.encode(JSON.stringify(timed));
  const bytes = new Uint8Array(text.length + 1 + padBytes);
  bytes.set(text);
  return bytes;
}

export function decodeCommand(bytes: Uint8Array): TimedCommand {
  const end = bytes.indexOf(0);
  return JSON.parse(decoder.decode(bytes.subarray(0, end < 0 ? bytes.length : end))) as TimedCommand;
}
