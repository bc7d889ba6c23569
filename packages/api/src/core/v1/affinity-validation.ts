import type { FaultList } from '../../errors/fault-list.ts';
import { checkDnsLabel, checkDnsSubdomain, checkLabelValue, checkQualifiedName } from '../../text/name-format.ts';
import type { NodeSelectorRequirement, NodeSelectorTerm } from './node-affinity.ts';
import type { PodAffinityTerm } from './pod-affinity.ts';
import type { TopologySpreadConstraint } from './topology-spread.ts';

export function checkNodeSelectorTerm(term: NodeSelectorTerm, faults: FaultList): void {
  term.matchExpressions?.forEach((requirement, index) => {
    faults.within(`matchExpressions[${index}]`, () => checkLabelRequirement(requirement, faults));
  });
  term.matchFields?.forEach((requirement, index) => {
    faults.within(`matchFields[${index}]`, () => checkFieldRequirement(requirement, faults));
  });
}

function checkLabelRequirement({ key, operator, values = [] }: NodeSelectorRequirement, faults: FaultList): void {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) faults.required('values', "must be specified when `operator` is 'In' or 'NotIn'");
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) {
        faults.forbidden('values', "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
      }
      break;
    case 'Gt':
    case 'Lt':
      if (values.length !== 1) {
        faults.required('values', "must be specified single value when `operator` is 'Lt' or 'Gt'");
      }
      break;
    default:
      break;
  }
  checkKey('key', key, faults);
  if (operator === 'Gt' || operator === 'Lt') return;
  values.forEach((value, index) => {
    const fault = checkLabelValue(value);
    if (fault !== undefined) faults.invalid(`values[${index}]`, value, fault);
  });
}

function checkFieldRequirement({ key, operator, values = [] }: NodeSelectorRequirement, faults: FaultList): void {
  if (operator !== 'In' && operator !== 'NotIn') faults.invalid('operator', operator, 'not a valid selector operator');
  else if (values.length !== 1) {
    faults.required('values', "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
  }
  if (key !== 'metadata.name') faults.invalid('key', key, 'not a valid field selector key');
  values.forEach((value, index) => {
    const fault = checkDnsSubdomain(value);
    if (fault !== undefined) faults.invalid(`values[${index}]`, value, fault);
  });
}

export function checkPodAffinityTerm(term: PodAffinityTerm, faults: FaultList): void {
  checkKey('topologyKey', term.topologyKey, faults);
  term.namespaces?.forEach((namespace, index) => {
    const fault = checkDnsLabel(namespace);
    if (fault !== undefined) faults.invalid(`namespaces[${index}]`, namespace, fault);
  });
  checkLabelKeys('matchLabelKeys', term.matchLabelKeys, term.labelSelector, faults);
  checkLabelKeys('mismatchLabelKeys', term.mismatchLabelKeys, term.labelSelector, faults);
}

export function checkTopologySpreadConstraint(constraint: TopologySpreadConstraint, faults: FaultList): void {
  const { maxSkew, minDomains, whenUnsatisfiable } = constraint;
  if (maxSkew !== undefined && maxSkew <= 0) faults.invalid('maxSkew', maxSkew, 'must be greater than zero');
  checkKey('topologyKey', constraint.topologyKey, faults);
  if (minDomains !== undefined) {
    if (minDomains <= 0) faults.invalid('minDomains', minDomains, 'must be greater than zero');
    if (whenUnsatisfiable !== 'DoNotSchedule') {
      const rule = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
      faults.invalid('minDomains', minDomains, rule);
    }
  }
  checkLabelKeys('matchLabelKeys', constraint.matchLabelKeys, constraint.labelSelector, faults);
}

function checkLabelKeys(
  field: string,
  keys: readonly string[] | undefined,
  selector: object | undefined,
  faults: FaultList,
): void {
  if (keys === undefined || keys.length === 0) return;
  if (selector === undefined) faults.forbidden(field, 'must not be specified when labelSelector is not set');
  keys.forEach((key, index) => {
    checkKey(`${field}[${index}]`, key, faults);
  });
}

function checkKey(field: string, key: string | undefined, faults: FaultList): void {
  const fault = key === undefined || key === '' ? undefined : checkQualifiedName(key);
  if (fault !== undefined) faults.invalid(field, key, fault);
}
