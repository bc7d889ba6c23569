import type { FaultList } from '../../errors/fault-list.ts';
import type { Event } from './event.ts';

/** An event lives in the namespace of what it is about; those about cluster-scoped objects live in `default`. */
export function checkEvent({ metadata, involvedObject, type }: Event, faults: FaultList): void {
  if (involvedObject === undefined) return;
  const about = involvedObject.namespace ?? '';
  const lives = metadata.namespace ?? '';
  const fits = about === lives || (about === '' && lives === 'default');
  if (!fits) faults.invalid('involvedObject.namespace', about, 'does not match event.namespace');
  if (type !== undefined && type !== 'Normal' && type !== 'Warning') {
    faults.invalid('type', type, 'has invalid value');
  }
}
