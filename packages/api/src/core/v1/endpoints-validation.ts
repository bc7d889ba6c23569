import type { FaultList } from '../../errors/fault-list.ts';
import { checkEndpointAddress } from '../../text/endpoint-address.ts';
import type { EndpointSubset } from './endpoints.ts';

export function checkEndpointSubset(subset: EndpointSubset, faults: FaultList): void {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
  if (addresses.length === 0 && notReadyAddresses.length === 0) {
    faults.required('', 'must specify `addresses` or `notReadyAddresses`');
  }
  for (const [field, list] of Object.entries({ addresses, notReadyAddresses })) {
    list.forEach(({ ip }, index) => {
      const fault = ip === undefined || ip === '' ? undefined : checkEndpointAddress(ip);
      if (fault !== undefined) faults.invalid(`${field}[${index}].ip`, ip, fault);
    });
  }
  if (ports.length < 2) return;
  ports.forEach(({ name }, index) => {
    if (name === undefined) faults.required(`ports[${index}].name`);
  });
}
