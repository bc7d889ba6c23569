import type { Proposal } from '@berth/raft';

/** Proposals in one buffer that is handed over whole: an array of objects would be copied one by one on its way to the other thread. */
export interface PackedProposals {
  readonly count: number;
  /** Session, sequence, ackedBelow and payload length of each, as doubles of this machine, then the payloads, one after the other. */
  readonly packed: ArrayBuffer;
}

const numbers = 4;

export function packProposals(proposals: readonly Proposal[]): PackedProposals {
  const count = proposals.length;
  let offset = count * numbers * Float64Array.BYTES_PER_ELEMENT;
  let bytes = offset;
  for (const { payload } of proposals) bytes += payload.length;
  const packed = new ArrayBuffer(bytes);
  const heads = new Float64Array(packed, 0, count * numbers);
  const all = new Uint8Array(packed);
  for (const [at, { session, sequence, ackedBelow, payload }] of proposals.entries()) {
    heads.set([session, sequence, ackedBelow, payload.length], at * numbers);
    all.set(payload, offset);
    offset += payload.length;
  }
  return { count, packed };
}

/** Payloads are views. */
export function unpackProposals({ count, packed }: PackedProposals): Proposal[] {
  const heads = new Float64Array(packed, 0, count * numbers);
  let offset = heads.byteLength;
  const proposals: Proposal[] = [];
  for (let at = 0; at < heads.length; at += numbers) {
    const [session = 0, sequence = 0, ackedBelow = 0, bytes = 0] = heads.subarray(at, at + numbers);
    proposals.push({ session, sequence, ackedBelow, payload: new Uint8Array(packed, offset, bytes) });
    offset += bytes;
  }
  return proposals;
}
