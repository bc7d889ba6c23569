import { readFile } from 'node:fs/promises';

const ethernetMtu = 1500;

/** Largest packet of the interface of the default route: pods must not send larger ones. */
export async function machineMtu(): Promise<number> {
  const routes = await readFile('/proc/net/route', 'utf8').catch(() => '');
  const lines = routes.split('\n').map((line) => line.split('\t'));
  const device = lines.find(([, destination, , flags]) => destination === '00000000' && flags !== undefined)?.[0];
  if (device === undefined) return ethernetMtu;
  const mtu = Number(await readFile(`/sys/class/net/${device}/mtu`, 'utf8').catch(() => ''));
  return Number.isInteger(mtu) && mtu >= 576 ? mtu : ethernetMtu;
}
