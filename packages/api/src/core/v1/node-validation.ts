import type { FaultList } from '../../errors/fault-list.ts';
import { checkCidr } from '../../text/ip-address.ts';
import type { NodeSpec } from './node.ts';

export function checkNodeSpec({ taints = [], podCIDR, podCIDRs = [] }: NodeSpec, faults: FaultList): void {
  const seen = new Set<string>();
  taints.forEach(({ key, effect }, index) => {
    const taint = `${key}:${effect}`;
    if (seen.has(taint)) faults.duplicate(`taints[${index}]`, taint);
    seen.add(taint);
  });
  podCIDRs.forEach((cidr, index) => {
    const fault = checkCidr(cidr);
    if (fault !== undefined) faults.invalid(`podCIDRs[${index}]`, cidr, fault);
  });
  if (podCIDR !== undefined && podCIDRs.length > 0 && podCIDRs[0] !== podCIDR) {
    faults.invalid('podCIDRs[0]', podCIDRs[0], `must be equal to podCIDR ${podCIDR}`);
  }
}
