import { type Kubectl, kubectlPrograms } from '../support/kubectl.ts';

/** One version of kubectl with a namespace of its own. */
export interface Version {
  readonly version: string;
  /** `v1-33`: for names of objects. */
  readonly slug: string;
  readonly kubectl: Kubectl;
}

export function kubectlVersions(kubectl: Kubectl): readonly Version[] {
  return kubectlPrograms().map((program) => {
    const slug = `v${program.version.replace('.', '-')}`;
    return { version: program.version, slug, kubectl: kubectl.with({ program }, '--namespace', slug) };
  });
}

/** Runs one step with every version at once; tells which of them failed, and how. */
export function withEach(versions: readonly Version[], step: (version: Version) => Promise<void>): () => Promise<void> {
  return async () => {
    const outcomes = await Promise.allSettled(versions.map((version) => step(version)));
    const failures = outcomes.flatMap((outcome, index) =>
      outcome.status === 'rejected' ? [`kubectl ${versions[index]?.version}: ${String(outcome.reason)}`] : [],
    );
    if (failures.length > 0) throw new Error(failures.join('\n'));
  };
}

/** The same one version after the other, for steps that would get in each other's way. */
export function withEachInTurn(
  versions: readonly Version[],
  step: (version: Version) => Promise<void>,
): () => Promise<void> {
  return async () => {
    for (const version of versions) await withEach([version], step)();
  };
}
