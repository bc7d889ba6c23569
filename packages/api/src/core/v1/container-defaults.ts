import type { Draft } from '../../schema/message.ts';
import type { Container } from './container.ts';
import { imageTag } from './image-reference.ts';

/** Images that may change under the same name are pulled each time. */
export function fillContainer(container: Draft<Container>): void {
  if (container.imagePullPolicy !== undefined || container.image === undefined) return;
  container.imagePullPolicy = imageTag(container.image) === 'latest' ? 'Always' : 'IfNotPresent';
}
