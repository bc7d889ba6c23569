import type { PodTemplateSpec } from '../../core/v1/pod-template.ts';
import { type Column, orNone, textColumn, wide } from '../../kind/table-column.ts';
import type { LabelSelector } from '../../meta/v1/label-selector.ts';
import { printLabelRequirements } from '../../selector/label-requirement.ts';
import { labelSelectorTerms } from '../../selector/label-selector-match.ts';

interface Workload {
  readonly spec: { readonly selector?: LabelSelector; readonly template?: PodTemplateSpec };
}

/** What `-o wide` adds for every kind that makes pods. */
export const templateColumns: readonly Column<Workload>[] = [
  wide(textColumn('Containers', 'Names of the containers.', (workload) => containers(workload, ({ name }) => name))),
  wide(
    textColumn('Images', 'Images of the containers.', (workload) => containers(workload, ({ image = '' }) => image)),
  ),
  wide(
    textColumn('Selector', 'Labels of the pods.', ({ spec }) =>
      orNone(spec.selector === undefined ? '' : printLabelRequirements(labelSelectorTerms(spec.selector))),
    ),
  ),
];

function containers(
  { spec }: Workload,
  show: (container: { readonly name: string; readonly image?: string }) => string,
): string {
  return (spec.template?.spec?.containers ?? []).map(show).join(',');
}
