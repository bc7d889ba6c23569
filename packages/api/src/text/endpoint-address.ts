/** Traffic to these addresses would leave the service's idea of a pod: it stays on the node or reaches many. */
export function checkEndpointAddress(ip: string): string | undefined {
  const lower = ip.toLowerCase();
  if (ip === '0.0.0.0' || lower === '::') return `may not be unspecified (${ip})`;
  if (ip.startsWith('127.') || lower === '::1') return 'may not be in the loopback range (127.0.0.0/8, ::1/128)';
  if (ip.startsWith('169.254.') || /^fe[89ab]/.test(lower)) {
    return 'may not be in the link-local range (169.254.0.0/16, fe80::/10)';
  }
  if (ip.startsWith('224.0.0.') || lower.startsWith('ff02:')) {
    return 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)';
  }
  return undefined;
}
