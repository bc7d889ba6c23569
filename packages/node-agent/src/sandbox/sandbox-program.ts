import { elfFile, elfMachine } from './elf-file.ts';

export type Architecture = keyof typeof elfMachine;

/**
 * The program that holds a pod's namespaces. It is a dozen system calls, so it is kept as machine code: no compiler and no registry
 * are needed. What it does, in order:
 *
 *     block SIGHUP, SIGINT, SIGQUIT, SIGTERM      pid 1 has no default actions: it fetches them below
 *     ignore SIGCHLD                              the kernel then reaps orphans of a shared process namespace
 *     if called without arguments:
 *       unshare(CLONE_NEWNET)                     a network of its own; exit(errno) when refused
 *     capset(none)                                CAP_SYS_ADMIN was needed for that call only
 *     wait for one of the blocked signals, exit(0)
 *
 * Making the network namespace here, not in the engine, halves the time a pod takes to start.
 */
export function sandboxProgram(architecture: Architecture): Uint8Array {
  const code = architecture === 'arm64' ? arm64Code : amd64Code;
  return elfFile(elfMachine[architecture], bytesOf(`${code}${data}`));
}

/** Arguments that make the program keep the network it was started in. */
export const hostNetworkArguments: readonly string[] = ['host'];

/** Both listings end 8-byte aligned; the data below follows and is addressed relative to the instructions. */
const amd64Code = `
  b80e000000      mov  eax, 14            rt_sigprocmask
  31ff            xor  edi, edi           SIG_BLOCK
  488d356a000000  lea  rsi, [rip+signals]
  31d2            xor  edx, edx
  6a08            push 8
  415a            pop  r10                size of a signal set, here and below
  0f05            syscall
  b80d000000      mov  eax, 13            rt_sigaction
  6a11            push 17
  5f              pop  rdi                SIGCHLD
  488d355b000000  lea  rsi, [rip+ignore]
  31d2            xor  edx, edx
  0f05            syscall
  48833c2401      cmp  qword [rsp], 1     number of arguments, own name included
  7510            jne  drop
  b810010000      mov  eax, 272           unshare
  bf00000040      mov  edi, 0x40000000    CLONE_NEWNET
  0f05            syscall
  85c0            test eax, eax
  752d            jnz  exit
  b87e000000      drop: mov eax, 126      capset
  488d3d54000000  lea  rdi, [rip+header]
  488d3555000000  lea  rsi, [rip+none]
  0f05            syscall
  b880000000      wait: mov eax, 128      rt_sigtimedwait
  488d3d17000000  lea  rdi, [rip+signals]
  31f6            xor  esi, esi
  31d2            xor  edx, edx
  0f05            syscall
  85c0            test eax, eax
  78ea            js   wait               interrupted
  31c0            xor  eax, eax
  97              exit: xchg edi, eax
  f7df            neg  edi
  b8e7000000      mov  eax, 231           exit_group
  0f05            syscall
  90              nop
`;

const arm64Code = `
  000080d2  mov  x0, 0                SIG_BLOCK
  21040010  adr  x1, signals
  020080d2  mov  x2, 0
  030180d2  mov  x3, 8                size of a signal set
  e81080d2  mov  x8, 135              rt_sigprocmask
  010000d4  svc  0
  200280d2  mov  x0, 17               SIGCHLD
  a1030010  adr  x1, ignore
  020080d2  mov  x2, 0
  030180d2  mov  x3, 8
  c81080d2  mov  x8, 134              rt_sigaction
  010000d4  svc  0
  e00340f9  ldr  x0, [sp]             number of arguments, own name included
  1f0400f1  cmp  x0, 1
  a1000054  b.ne drop
  0000a8d2  mov  x0, 0x40000000       CLONE_NEWNET
  280c80d2  mov  x8, 97               unshare
  010000d4  svc  0
  a00100b5  cbnz x0, exit
  20030010  drop: adr x0, header
  41030010  adr  x1, none
  680b80d2  mov  x8, 91               capset
  010000d4  svc  0
  60010010  wait: adr x0, signals
  010080d2  mov  x1, 0
  020080d2  mov  x2, 0
  030180d2  mov  x3, 8
  281180d2  mov  x8, 137              rt_sigtimedwait
  010000d4  svc  0
  40ffffb7  tbnz x0, 63, wait         interrupted
  000080d2  mov  x0, 0
  e00300cb  exit: neg x0, x0
  c80b80d2  mov  x8, 94               exit_group
  010000d4  svc  0
`;

const data = `
  0740000000000000                                                  signals: bits 0, 1, 2, 14
  0100000000000000 0000000000000000 0000000000000000 0000000000000000  ignore: SIG_IGN, no flags
  2205082000000000                                                  header: capability version 3, own process
  0000000000000000 0000000000000000 0000000000000000                none: two sets of no capabilities
`;

/** The leading hexadecimal words of each line. */
function bytesOf(listing: string): Uint8Array {
  const hex = listing
    .split('\n')
    .map((line) => /^ {2}((?:[0-9a-f]{2})+(?: (?:[0-9a-f]{2}){8})*)(?= |$)/.exec(line)?.[1] ?? '')
    .join('')
    .replaceAll(' ', '');
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
    Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16),
  );
}
