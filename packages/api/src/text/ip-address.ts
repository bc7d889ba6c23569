/** IP addresses and networks as text. Numbers with leading zeros are refused: readers disagree about them. */

export function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
}

export function isIpv6(text: string): boolean {
  if (text.length > 45 || !/^[0-9a-fA-F:.]+$/.test(text)) return false;
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.map(countGroups);
  if (groups.includes(-1)) return false;
  const total = groups.reduce((sum, count) => sum + count, 0);
  return halves.length === 2 ? total < 8 : total === 8;
}

export function isIpAddress(text: string): boolean {
  return isIpv4(text) || isIpv6(text);
}

export function checkIpAddress(text: string): string | undefined {
  return isIpAddress(text) ? undefined : 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
}

/** `10.244.1.0/24`, without a bit set after the prefix. */
export function checkCidr(text: string): string | undefined {
  const parts = /^([^/]+)\/(0|[1-9][0-9]{0,2})$/.exec(text);
  const address = parts?.[1] ?? '';
  const prefix = Number(parts?.[2]);
  const good = parts !== null && ((isIpv4(address) && prefix <= 32) || (isIpv6(address) && prefix <= 128));
  return good ? undefined : 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
}

/** Groups of 16 bits on one side of `::`, or -1; a trailing IPv4 address counts as two. */
function countGroups(half: string): number {
  if (half === '') return 0;
  const groups = half.split(':');
  const last = groups.at(-1) ?? '';
  const hasIpv4 = last.includes('.');
  if (hasIpv4 && !isIpv4(last)) return -1;
  const plain = hasIpv4 ? groups.slice(0, -1) : groups;
  return plain.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) ? plain.length + (hasIpv4 ? 2 : 0) : -1;
}
