import type { FaultList } from '../../errors/fault-list.ts';
import type { Binding } from './binding.ts';

export function checkBinding({ target }: Binding, faults: FaultList): void {
  if (target === undefined) return;
  if (target.kind !== undefined && target.kind !== 'Node')
    faults.unsupported('target.kind', target.kind, ['Node', '<empty>']);
  if (target.name === undefined || target.name === '') faults.required('target.name');
}
