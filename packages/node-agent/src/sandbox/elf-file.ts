/** ELF machine numbers (ELF specification, `e_machine`). */
export const elfMachine = { amd64: 62, arm64: 183 } as const;

const headerBytes = 64;
const programHeaderBytes = 56;
const loadAddress = 0x400000n;
/** Largest page size in use: with it the one segment can be mapped on every machine. */
const alignment = 0x10000n;

/**
 * Wraps position-independent machine code in the smallest executable the kernel loads: file header, one loadable segment
 * (read and execute) over the whole file, the code. Execution begins at the first byte of `code`.
 */
export function elfFile(machine: number, code: Uint8Array): Uint8Array {
  const codeOffset = headerBytes + programHeaderBytes;
  const size = codeOffset + code.length;
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // magic; 64 bits, little-endian, version 1
  view.setUint16(16, 2, true); // executable with fixed addresses
  view.setUint16(18, machine, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, loadAddress + BigInt(codeOffset), true); // entry
  view.setBigUint64(32, BigInt(headerBytes), true); // program headers follow
  view.setUint16(52, headerBytes, true);
  view.setUint16(54, programHeaderBytes, true);
  view.setUint16(56, 1, true); // one program header
  view.setUint16(58, 64, true); // size of a section header; there are none
  view.setUint32(64, 1, true); // loadable
  view.setUint32(68, 5, true); // read, execute
  view.setBigUint64(80, loadAddress, true);
  view.setBigUint64(88, loadAddress, true);
  view.setBigUint64(96, BigInt(size), true);
  view.setBigUint64(104, BigInt(size), true);
  view.setBigUint64(112, alignment, true);
  file.set(code, codeOffset);
  return file;
}
