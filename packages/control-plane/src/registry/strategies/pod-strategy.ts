import { forbidden, type LocalObjectReference, type PodSpec, type PodStatus, type ServiceAccount } from '@berth/api';
import type { KindStrategy } from '../kind-strategy.ts';
import { openAnew } from '../node-line.ts';
import type { ObjectDraft } from '../object-draft.ts';
import type { StoredObject } from '../registry.ts';
import { storageKey } from '../resource-key.ts';
import type { StateReader } from '../state-reader.ts';
import { decodeStored } from '../stored-object.ts';

const pods = { group: '', resource: 'pods' };
const defaultServiceAccount = 'default';
const defaultGraceSeconds = 30;

/** The classes that every cluster has; others come with the kind PriorityClass. */
const systemPriorities: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

export const podStrategy: KindStrategy = {
  async admit(draft, reader) {
    const spec = { ...specOf(draft) };
    applyPriority(spec, draft);
    await applyServiceAccount(spec, draft, reader);
    draft['spec'] = spec;
  },

  /** A pod that is made on its node, as nobody decided: bindings to that node on their way look again. */
  async allocate(before, draft, claims) {
    const { nodeName = '' } = specOf(draft);
    if (before === undefined && nodeName !== '') claims.also(openAnew(nodeName, draft.metadata.uid ?? ''));
  },

  /** A pod that no agent runs, or that has ended, needs nobody's farewell. */
  gracePeriodSeconds(pod, asked) {
    const { nodeName = '', terminationGracePeriodSeconds = defaultGraceSeconds } = specOf(pod);
    const { phase } = (pod['status'] as PodStatus | undefined) ?? {};
    if (nodeName === '' || phase === 'Succeeded' || phase === 'Failed') return 0;
    const graceSeconds = asked ?? pod.metadata.deletionGracePeriodSeconds ?? terminationGracePeriodSeconds;
    return graceSeconds < 0 ? 1 : graceSeconds;
  },
};

type MutableSpec = { -readonly [K in keyof PodSpec]: PodSpec[K] };

function applyPriority(spec: MutableSpec, { metadata: { name = '' } }: ObjectDraft): void {
  const { priorityClassName } = spec;
  const priority = priorityClassName === undefined ? 0 : systemPriorities[priorityClassName];
  if (priority === undefined) throw forbidden(pods, name, `no PriorityClass with name ${priorityClassName} was found`);
  if (spec.priority !== undefined && spec.priority !== priority)
    throw forbidden(
      pods,
      name,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
    );
  spec.priority = priority;
  spec.preemptionPolicy ??= 'PreemptLowerPriority';
}

/**
 * Pods run as `default` unless they name another account. `default` itself is made by a controller soon after its namespace, and a
 * pod need not wait for that; any other account must exist.
 */
async function applyServiceAccount(
  spec: MutableSpec,
  { metadata: { namespace = '', name = '' } }: ObjectDraft,
  reader: StateReader,
): Promise<void> {
  const account = spec.serviceAccountName ?? spec.serviceAccount ?? defaultServiceAccount;
  spec.serviceAccountName = account;
  spec.serviceAccount = account;
  const kv = await reader.get(storageKey({ resource: 'serviceaccounts', namespace, name: account }));
  if (kv === undefined) {
    if (account === defaultServiceAccount) return;
    throw forbidden(
      pods,
      name,
      `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`,
    );
  }
  const { imagePullSecrets } = decodeStored(kv) as unknown as ServiceAccount;
  if ((spec.imagePullSecrets?.length ?? 0) === 0 && imagePullSecrets !== undefined)
    spec.imagePullSecrets = structuredClone(imagePullSecrets) as readonly LocalObjectReference[];
}

function specOf(object: ObjectDraft | StoredObject): PodSpec {
  return object['spec'] as PodSpec;
}
