import type { FaultList } from '../../errors/fault-list.ts';
import {
  compareQuantities,
  formatQuantity,
  isNegative,
  parseQuantity,
  roundUpToMilli,
} from '../../quantity/quantity.ts';
import { notServed } from '../../schema/field-facts.ts';
import type { Draft } from '../../schema/message.ts';
import { checkQualifiedName } from '../../text/name-format.ts';
import type { ResourceRequirements } from './container-resources.ts';

const containerResources: ReadonlySet<string> = new Set(['cpu', 'ephemeral-storage', 'memory']);
/** Texts that cannot be finer than a thousandth, which spares the exact arithmetic. */
const coarse = /^[0-9]+(?:m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;

/** Amounts finer than a thousandth are rounded up. */
export function roundResources(resources: Draft<ResourceRequirements>): void {
  for (const amounts of [resources.limits, resources.requests]) {
    for (const [name, text] of Object.entries(amounts ?? {})) {
      if (amounts !== undefined && !coarse.test(text))
        amounts[name] = formatQuantity(roundUpToMilli(parseQuantity(text)));
    }
  }
}

export function checkResources({ limits = {}, requests = {} }: ResourceRequirements, faults: FaultList): void {
  if (limits['ephemeral-storage'] !== undefined) {
    faults.forbidden('limits[ephemeral-storage]', notServed('limits of storage on disk'));
  }
  for (const [name, text] of Object.entries(limits)) checkAmount(`limits[${name}]`, name, text, faults);
  for (const [name, text] of Object.entries(requests)) {
    checkAmount(`requests[${name}]`, name, text, faults);
    const limit = limits[name];
    if (limit !== undefined) checkAgainstLimit(name, text, limit, faults);
    else if (isExtended(name)) faults.required('limits', 'Limit must be set for non overcommitable resources');
  }
}

function checkAmount(field: string, name: string, text: string, faults: FaultList): void {
  const nameFault = resourceNameFault(name);
  if (nameFault !== undefined) faults.invalid(field, name, nameFault);
  if (text.startsWith('-') && isNegative(parseQuantity(text))) {
    faults.invalid(field, text, 'must be greater than or equal to 0');
  }
  if (isExtended(name) && parseQuantity(text).nanos % 1_000_000_000n !== 0n) {
    faults.invalid(field, text, 'must be an integer');
  }
}

function resourceNameFault(name: string): string | undefined {
  const fault = checkQualifiedName(name);
  if (fault !== undefined || isExtended(name)) return fault;
  return containerResources.has(name) ? undefined : 'must be a standard resource for containers';
}

/** Devices and the like, e.g. `example.com/gpu`. */
function isExtended(name: string): boolean {
  return name.includes('/');
}

function checkAgainstLimit(name: string, request: string, limit: string, faults: FaultList): void {
  if (request === limit) return;
  const order = compareQuantities(parseQuantity(request), parseQuantity(limit));
  if (isExtended(name) && order !== 0)
    faults.invalid('requests', request, `must be equal to ${name} limit of ${limit}`);
  else if (order > 0) faults.invalid('requests', request, `must be less than or equal to ${name} limit of ${limit}`);
}
