/** Payload of a feature level entry: the level in 4 bytes. */
export function encodeFeatureLevel(level: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, level);
  return bytes;
}

/** Undefined when the bytes are no feature level. */
export function decodeFeatureLevel(bytes: Uint8Array): number | undefined {
  if (bytes.length !== 4) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
}

/** Why a version that supports less must not touch what was written at this level; undefined when it may (rule 70). */
export function levelTooHigh(
  what: string,
  level: number,
  { supportedFeatureLevel }: { readonly supportedFeatureLevel: number },
): string | undefined {
  if (level <= supportedFeatureLevel) return undefined;
  return `${what}, this version supports ${supportedFeatureLevel}: install a newer version`;
}
