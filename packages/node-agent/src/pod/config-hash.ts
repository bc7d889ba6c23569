import { createHash } from 'node:crypto';
import type { Container } from '@berth/api';

/**
 * Hash of what may change in a container of an existing pod. The image only: everything else of a pod's specification is
 * immutable, and a hash over more would restart containers whenever a newer server fills in a new default.
 */
export function configHash({ name, image }: Pick<Container, 'name' | 'image'>): string {
  return createHash('sha256')
    .update(JSON.stringify([name, image ?? '']))
    .digest('hex')
    .slice(0, 16);
}
