import type { FaultList } from '../../errors/fault-list.ts';
import { checkEndpointAddress } from '../../text/endpoint-address.ts';
import { isIpv4, isIpv6 } from '../../text/ip-address.ts';
import { checkDnsSubdomain } from '../../text/name-format.ts';
import type { EndpointSlice } from './endpoint-slice.ts';

export function checkEndpointSlice(
  { endpoints = [], ports = [], addressType }: EndpointSlice,
  faults: FaultList,
): void {
  endpoints.forEach(({ addresses = [] }, index) => {
    addresses.forEach((address, addressIndex) => {
      const fault = addressFault(addressType, address);
      if (fault !== undefined) faults.invalid(`endpoints[${index}].addresses[${addressIndex}]`, address, fault);
    });
  });
  const names = new Set<string>();
  ports.forEach(({ name = '' }, index) => {
    if (names.has(name)) faults.duplicate(`ports[${index}].name`, name);
    names.add(name);
  });
}

function addressFault(addressType: string, address: string): string | undefined {
  switch (addressType) {
    case 'IPv4':
      return isIpv4(address) ? checkEndpointAddress(address) : 'must be an IPv4 address';
    case 'IPv6':
      return isIpv6(address) ? checkEndpointAddress(address) : 'must be an IPv6 address';
    case 'FQDN':
      return checkDnsSubdomain(address);
    default:
      return undefined;
  }
}
