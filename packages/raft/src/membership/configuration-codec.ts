import { WireFault, WireReader } from '../codec/wire-reader.ts';
import { WireWriter } from '../codec/wire-writer.ts';
import { type MemberId, memberId } from '../vocabulary/member-id.ts';
import type { Configuration, Member } from './configuration.ts';

/** A cluster has at most this many members, learners included. */
export const maxMembers = 256;
/** Bytes of UTF-8 in a member's address or directory. */
const maxMemberTextBytes = 4096;

const layoutVersion = 1;

/** Payload of a configuration entry. Deterministic: equal configurations give equal bytes. */
export function encodeConfiguration(configuration: Configuration): Uint8Array {
  const writer = new WireWriter(64 + configuration.members.length * 128);
  writeConfiguration(writer, configuration);
  return writer.finish();
}

/** Undefined when the bytes are no configuration. */
export function decodeConfiguration(bytes: Uint8Array): Configuration | undefined {
  try {
    const reader = new WireReader(bytes);
    const configuration = readConfiguration(reader);
    reader.end();
    return configuration;
  } catch (error) {
    if (error instanceof WireFault) return undefined;
    throw error;
  }
}

export function writeConfiguration(writer: WireWriter, configuration: Configuration): void {
  writer.byte(layoutVersion);
  writer.wholes(configuration.voters);
  writer.wholes(configuration.outgoing);
  writer.wholes(configuration.learners);
  writer.wholes(configuration.learnersNext);
  writer.whole(configuration.nextMemberId);
  writer.uint32(configuration.members.length);
  for (const member of configuration.members) {
    writer.whole(member.id);
    writer.flag(member.preferred);
    writer.text(member.directory);
    writer.text(member.address);
  }
}

/** Throws a WireFault. */
export function readConfiguration(reader: WireReader): Configuration {
  const version = reader.byte();
  if (version !== layoutVersion) throw new WireFault(`unknown configuration layout ${version}`);
  const voters = readIds(reader);
  const outgoing = readIds(reader);
  const learners = readIds(reader);
  const learnersNext = readIds(reader);
  const nextMemberId = reader.whole();
  const count = reader.count(17);
  if (count > maxMembers) throw new WireFault(`a configuration has at most ${maxMembers} members, got ${count}`);
  const members: Member[] = [];
  for (let i = 0; i < count; i++) members.push(readMember(reader));
  const configuration = { voters, outgoing, learners, learnersNext, members, nextMemberId };
  checkConfiguration(configuration);
  return configuration;
}

function readMember(reader: WireReader): Member {
  const id = readId(reader.whole());
  const preferred = reader.flag();
  return { id, preferred, directory: readText(reader), address: readText(reader) };
}

function readText(reader: WireReader): string {
  const text = reader.text();
  if (text.length > maxMemberTextBytes) throw new WireFault(`a member text has at most ${maxMemberTextBytes} bytes`);
  return text;
}

function readIds(reader: WireReader): MemberId[] {
  return reader.wholes().map(readId);
}

function readId(value: number): MemberId {
  if (value < 1) throw new WireFault('a member id starts at 1');
  return memberId(value);
}

/** The rules written at `Configuration`; throws a WireFault. */
function checkConfiguration(configuration: Configuration): void {
  const known = new Set(configuration.members.map((member) => member.id));
  for (const ids of [
    configuration.voters,
    configuration.outgoing,
    configuration.learners,
    configuration.learnersNext,
    configuration.members.map((member) => member.id),
  ]) {
    let previous = 0;
    for (const id of ids) {
      if (id <= previous) throw new WireFault('member ids must be ascending');
      if (!known.has(id)) throw new WireFault(`member ${id} has no record`);
      if (id >= configuration.nextMemberId) throw new WireFault(`member ${id} is not below the next id`);
      previous = id;
    }
  }
  for (const id of configuration.learners) {
    if (configuration.voters.includes(id) || configuration.outgoing.includes(id)) {
      throw new WireFault(`member ${id} is learner and voter`);
    }
  }
  for (const id of configuration.learnersNext) {
    if (!configuration.outgoing.includes(id))
      throw new WireFault(`member ${id} is to become a learner but leaves nothing`);
  }
}
