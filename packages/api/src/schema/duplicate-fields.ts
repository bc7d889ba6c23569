import { joinPath } from '../errors/fault-list.ts';

/** Reports are cut off here; more help nobody. */
const reportsMax = 100;

interface Frame {
  readonly keys: Set<string> | undefined;
  /** In an array: place of the current element. */
  index: number;
  key: string;
}

/**
 * Paths of keys that stand twice in one object of a JSON text, which `JSON.parse` passes over in silence. The text must be one that
 * `JSON.parse` accepts.
 */
export function duplicateFields(text: string): readonly string[] {
  const duplicates: string[] = [];
  const frames: Frame[] = [];
  let frame: Frame | undefined;
  let keyIsNext = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
        frame = { keys: new Set(), index: 0, key: '' };
        frames.push(frame);
        keyIsNext = true;
        break;
      case 0x5b: // [
        frame = { keys: undefined, index: 0, key: '' };
        frames.push(frame);
        keyIsNext = false;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        frames.pop();
        frame = frames.at(-1);
        keyIsNext = false;
        break;
      case 0x2c: // ,
        if (frame !== undefined) frame.index += 1;
        keyIsNext = frame?.keys !== undefined;
        break;
      case 0x22: {
        const end = endOfString(text, at);
        if (keyIsNext && frame?.keys !== undefined) {
          frame.key = plainKey(text.slice(at, end + 1));
          if (frame.keys.has(frame.key) && duplicates.length < reportsMax) duplicates.push(pathOf(frames));
          frame.keys.add(frame.key);
          keyIsNext = false;
        }
        at = end;
        break;
      }
      default:
        break;
    }
  }
  return duplicates;
}

/** Place of the closing quote of the string that opens at `open`. */
function endOfString(text: string, open: number): number {
  for (let quote = text.indexOf('"', open + 1); ; quote = text.indexOf('"', quote + 1)) {
    if (quote === -1) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return quote;
  }
}

function plainKey(quoted: string): string {
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}

function pathOf(frames: readonly Frame[]): string {
  return joinPath(frames.map((frame) => (frame.keys === undefined ? frame.index : frame.key)));
}
