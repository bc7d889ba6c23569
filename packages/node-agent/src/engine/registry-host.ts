/** `host[:port]` of a registry's address, which may be a URL. */
export function registryHost(address: string): string {
  return address.replace(/^https?:\/\//, '').split('/')[0] ?? '';
}
