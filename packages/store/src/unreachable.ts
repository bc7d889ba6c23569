/** Closes a switch over a union: adding a case breaks the build here, not production. */
export function unreachable(value: never): never {
  throw new Error(`unexpected case: ${JSON.stringify(value)}`);
}
