import type { FaultList } from '../../errors/fault-list.ts';
import { isIpAddress } from '../../text/ip-address.ts';
import { checkDnsSubdomain } from '../../text/name-format.ts';
import type { PodSpec } from './pod-spec.ts';

/** Limits of the resolver library of the containers (resolv.conf(5)). */
const nameserversMax = 3;
const searchesMax = 32;
const searchCharactersMax = 2048;

export function checkDns({ dnsPolicy, dnsConfig }: PodSpec, faults: FaultList): void {
  const nameservers = dnsConfig?.nameservers ?? [];
  if (dnsPolicy === 'None' && nameservers.length === 0) {
    faults.required('dnsConfig.nameservers', 'must provide at least one DNS nameserver when `dnsPolicy` is None');
  }
  if (nameservers.length > nameserversMax) {
    faults.invalid('dnsConfig.nameservers', nameservers, `must not have more than ${nameserversMax} nameservers`);
  }
  nameservers.forEach((address, index) => {
    if (!isIpAddress(address)) faults.invalid(`dnsConfig.nameservers[${index}]`, address, 'must be valid IP address');
  });
  checkSearches(dnsConfig?.searches ?? [], faults);
  dnsConfig?.options?.forEach(({ name }, index) => {
    if (name === undefined || name === '') faults.required(`dnsConfig.options[${index}]`, 'must not be empty');
  });
}

function checkSearches(searches: readonly string[], faults: FaultList): void {
  if (searches.length > searchesMax) {
    faults.invalid('dnsConfig.searches', searches, `must not have more than ${searchesMax} search paths`);
  }
  if (searches.join(' ').length > searchCharactersMax) {
    const rule = `must not have more than ${searchCharactersMax} characters (including spaces) in the search list`;
    faults.invalid('dnsConfig.searches', searches, rule);
  }
  searches.forEach((search, index) => {
    const name = search.endsWith('.') && search !== '.' ? search.slice(0, -1) : search;
    const fault = name === '.' ? undefined : checkDnsSubdomain(name);
    if (fault !== undefined) faults.invalid(`dnsConfig.searches[${index}]`, search, fault);
  });
}
