/** Signals of Linux, as signal(7) names them. */
const names: ReadonlySet<string> = new Set(
  (
    'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN ' +
    'TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX'
  ).split(' '),
);
const realTime = /^SIGRT(?:MIN\+(?:[1-9]|1[0-5])|MAX-(?:[1-9]|1[0-4]))$/;

export function checkSignalName(text: string): string | undefined {
  if (realTime.test(text) || (text.startsWith('SIG') && names.has(text.slice(3)))) return undefined;
  return 'must be the name of a Linux signal (e.g. SIGTERM, SIGUSR1 or SIGRTMIN+3)';
}
