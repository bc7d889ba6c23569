export type Architecture = 'amd64' | 'arm64';

/**
 * The program with which a privileged container becomes a process of the machine: three system calls, kept as machine code, since no
 * compiler and no registry can be assumed. Called as `elevate FILE PROGRAM ARGUMENT…`:
 *
 *     open(FILE)                      a mount namespace, /proc/PID/ns/mnt of a process of the machine
 *     setns(…, CLONE_NEWNS)           from here on its files are ours, root directory included
 *     execve(PROGRAM, ARGUMENT…)      with the environment that we were given
 *
 * The exit code is the error number of the call that failed.
 */
export function elevationProgram(architecture: Architecture): Uint8Array {
  const { code, machine } = programs[architecture];
  const size = (headerBytes + bytesOf(code).length).toString(16).padStart(2, '0');
  return bytesOf(fileHeader(machine, `${size}00000000000000`) + code);
}

const headerBytes = 120;

/** The smallest executable that the kernel loads: one segment over the whole file, at 0x400000; execution begins behind this header. */
const fileHeader = (machine: string, size: string): string => `
  7f454c4602010100 0000000000000000   ELF, 64 bits, little-endian
  0200${machine} 01000000                    executable, machine, version
  7800400000000000                    entry
  4000000000000000                    program headers begin at 64
  0000000000000000                    no section headers
  000000004000 38000100 400000000000  sizes: file header 64, one program header of 56, section headers 64
  0100000005000000                    loadable; read, execute
  0000000000000000                    from the beginning of the file
  0000400000000000 0000400000000000   to this address
  ${size} ${size}   its size, in the file and in memory
  0000010000000000                    alignment: the largest page size in use
`;

/** On entry the stack has the number of arguments, the arguments, zero, the environment. */
const programs: Readonly<Record<Architecture, { readonly machine: string; readonly code: string }>> = {
  amd64: {
    machine: '3e00',
    code: `
  b802000000      mov  eax, 2                open
  488b7c2410      mov  rdi, [rsp+16]         FILE
  be00000800      mov  esi, 0x80000          O_CLOEXEC, read only
  31d2            xor  edx, edx
  0f05            syscall
  85c0            test eax, eax
  782b            js   exit
  97              xchg edi, eax
  be00000200      mov  esi, 0x20000          CLONE_NEWNS
  b834010000      mov  eax, 308              setns
  0f05            syscall
  85c0            test eax, eax
  781a            js   exit
  488b0c24        mov  rcx, [rsp]            number of arguments
  488b7c2418      mov  rdi, [rsp+24]         PROGRAM
  488d742418      lea  rsi, [rsp+24]
  488d54cc10      lea  rdx, [rsp+rcx*8+16]   environment
  b83b000000      mov  eax, 59               execve
  0f05            syscall
  97              exit: xchg edi, eax
  f7df            neg  edi
  b8e7000000      mov  eax, 231              exit_group
  0f05            syscall
`,
  },
  arm64: {
    machine: 'b700',
    code: `
  600c8092  mov  x0, -100            AT_FDCWD
  e10b40f9  ldr  x1, [sp, 16]        FILE
  0201a0d2  mov  x2, 0x80000         O_CLOEXEC, read only
  080780d2  mov  x8, 56              openat
  010000d4  svc  0
  8001f8b7  tbnz x0, 63, exit
  4100a0d2  mov  x1, 0x20000         CLONE_NEWNS
  882180d2  mov  x8, 268             setns
  010000d4  svc  0
  0001f8b7  tbnz x0, 63, exit
  e90340f9  ldr  x9, [sp]            number of arguments
  e00f40f9  ldr  x0, [sp, 24]        PROGRAM
  e1630091  add  x1, sp, 24
  e2430091  add  x2, sp, 16
  420c098b  add  x2, x2, x9, lsl 3   environment
  a81b80d2  mov  x8, 221             execve
  010000d4  svc  0
  e00300cb  exit: neg x0, x0
  c80b80d2  mov  x8, 94              exit_group
  010000d4  svc  0
`,
  },
};

/** The leading hexadecimal words of each line; a comment is set off by two spaces. */
function bytesOf(listing: string): Uint8Array {
  const hex = listing
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/)[0] ?? '')
    .join('')
    .replaceAll(' ', '');
  if (!/^(?:[0-9a-f]{2})*$/.test(hex)) throw new Error('the listing has something else than hexadecimal words in it');
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
    Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16),
  );
}
