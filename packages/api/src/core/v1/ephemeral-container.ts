import { embedded, text } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';
import { type Container, container } from './container.ts';

export interface EphemeralContainer extends Container {
  readonly targetContainerName?: string;
}

export const ephemeralContainer: Message<EphemeralContainer> = message({
  name: 'core.v1.EphemeralContainer',
  description: 'A container added to a running pod for debugging.',
  fields: {
    ...embedded(1, container),
    targetContainerName: text(2, 'The container whose processes it sees.'),
  },
});
