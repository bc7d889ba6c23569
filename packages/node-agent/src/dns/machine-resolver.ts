import { readFile } from 'node:fs/promises';
import { parseResolverSettings, type ResolverSettings } from './resolver-settings.ts';

/** Where systemd-resolved writes the real servers when /etc/resolv.conf names only its own loopback address. */
const behindStub = '/run/systemd/resolve/resolv.conf';

/** The machine's own resolver settings. Servers on a loopback address are of no use to pods and left out. */
export async function machineResolver(filePrefix: string): Promise<ResolverSettings> {
  for (const path of ['/etc/resolv.conf', behindStub]) {
    const text = await readFile(filePrefix + path, 'utf8').catch(() => '');
    const settings = parseResolverSettings(text);
    const nameservers = settings.nameservers.filter((address) => !address.startsWith('127.') && address !== '::1');
    if (nameservers.length > 0) return { ...settings, nameservers };
  }
  return { nameservers: [], searches: [], options: [] };
}
