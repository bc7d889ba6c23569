import { readConfiguration, writeConfiguration } from '../membership/configuration-codec.ts';
import { logIndex } from '../vocabulary/log-index.ts';
import type { LogBase } from '../vocabulary/snapshot.ts';
import { term } from '../vocabulary/term.ts';
import { WireFault, WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** A log base as bytes, for shells that store it. */
export function encodeBase(base: LogBase): Uint8Array {
  const writer = new WireWriter(128 + base.configuration.members.length * 128);
  writeBase(writer, base);
  return writer.finish();
}

/** Undefined when the bytes are no base. */
export function decodeBase(bytes: Uint8Array): LogBase | undefined {
  try {
    const reader = new WireReader(bytes);
    const base = readBase(reader);
    reader.end();
    return base;
  } catch (error) {
    if (error instanceof WireFault) return undefined;
    throw error;
  }
}

export function writeBase(writer: WireWriter, base: LogBase): void {
  writer.whole(base.index);
  writer.whole(base.term);
  writer.whole(base.configurationIndex);
  writer.uint32(base.featureLevel);
  writeConfiguration(writer, base.configuration);
}

/** Throws a WireFault. */
export function readBase(reader: WireReader): LogBase {
  const index = logIndex(reader.whole());
  const baseTerm = term(reader.whole());
  const configurationIndex = logIndex(reader.whole());
  const featureLevel = reader.uint32();
  if (configurationIndex > index) throw new WireFault('a configuration cannot be younger than its base');
  return { index, term: baseTerm, configurationIndex, featureLevel, configuration: readConfiguration(reader) };
}
