import { required } from '../../schema/field.ts';
import { quantity, text } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';

export interface HostPathVolumeSource {
  readonly path: string;
  readonly type?: string;
}

export const hostPathVolumeSource: Message<HostPathVolumeSource> = message({
  name: 'core.v1.HostPathVolumeSource',
  description: 'A file or directory of the node.',
  fields: {
    path: required(text(1, 'Path on the node.')),
    type: text(2, 'What must be there, or is made; empty checks nothing.', {
      keepZero: true,
      default: '',
      values: ['BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'],
    }),
  },
});

export interface EmptyDirVolumeSource {
  readonly medium?: string;
  readonly sizeLimit?: string;
}

export const emptyDirVolumeSource: Message<EmptyDirVolumeSource> = message({
  name: 'core.v1.EmptyDirVolumeSource',
  description: 'A directory that lives as long as the pod does on its node.',
  fields: {
    medium: text(1, "Empty for the node's disk, Memory for a tmpfs.", { values: ['Memory'] }),
    sizeLimit: quantity(2, 'The most it may hold.'),
  },
});
