import type { Container, NodeAffinity, PodSpec } from '@berth/api';
import { pinOf } from './node-selection.ts';

/**
 * Whether two specs are the same in everything the scheduler reads. Pods of one owner differ in nothing (but for the node
 * that a DaemonSet's pods name), so that asking this is much cheaper than working a spec out.
 */
export function sameSchedulingSpec(left: PodSpec, right: PodSpec): boolean {
  return (
    left === right ||
    (left.schedulerName === right.schedulerName &&
      left.priority === right.priority &&
      left.preemptionPolicy === right.preemptionPolicy &&
      sameContainers(left.containers, right.containers) &&
      sameContainers(left.initContainers, right.initContainers) &&
      same(left.nodeSelector, right.nodeSelector) &&
      same(left.tolerations, right.tolerations) &&
      same(left.topologySpreadConstraints, right.topologySpreadConstraints) &&
      same(left.overhead, right.overhead) &&
      same(left.resources, right.resources) &&
      sameClaims(left, right) &&
      same(left.affinity?.podAffinity, right.affinity?.podAffinity) &&
      same(left.affinity?.podAntiAffinity, right.affinity?.podAntiAffinity) &&
      sameNodeAffinity(left, right))
  );
}

function sameContainers(left: readonly Container[] | undefined, right: readonly Container[] | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at += 1) {
    const one = left[at] as Container;
    const other = right[at] as Container;
    if (one.restartPolicy !== other.restartPolicy || !same(one.ports, other.ports)) return false;
    if (!same(one.resources?.requests, other.resources?.requests)) return false;
  }
  return true;
}

function sameClaims(left: PodSpec, right: PodSpec): boolean {
  if (left.volumes === undefined && right.volumes === undefined) return true;
  const claims = ({ volumes }: PodSpec): readonly (string | undefined)[] | undefined =>
    volumes?.map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName);
  return same(claims(left), claims(right));
}

function sameNodeAffinity(left: PodSpec, right: PodSpec): boolean {
  const one = left.affinity?.nodeAffinity;
  const other = right.affinity?.nodeAffinity;
  if (one === undefined || other === undefined) return one === other;
  if (pinOf(left) === undefined || pinOf(right) === undefined) return same(one, other);
  const terms = ({ requiredDuringSchedulingIgnoredDuringExecution: required }: NodeAffinity): unknown =>
    required?.nodeSelectorTerms.map(({ matchExpressions }) => matchExpressions);
  return (
    same(terms(one), terms(other)) &&
    same(one.preferredDuringSchedulingIgnoredDuringExecution, other.preferredDuringSchedulingIgnoredDuringExecution)
  );
}

/** Equality of JSON values. Absent and undefined members are the same. */
function same(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left)) return Array.isArray(right) && sameLists(left, right);
  const one = left as Readonly<Record<string, unknown>>;
  const other = right as Readonly<Record<string, unknown>>;
  for (const key in one) if (!same(one[key], other[key])) return false;
  for (const key in other) if (other[key] !== undefined && one[key] === undefined) return false;
  return true;
}

function sameLists(left: readonly unknown[], right: readonly unknown[]): boolean {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at += 1) if (!same(left[at], right[at])) return false;
  return true;
}
