import { required } from '../../schema/field.ts';
import { flag, text } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';
import { checkVolumeMount } from './volume-validation.ts';

export interface VolumeMount {
  readonly name: string;
  readonly readOnly?: boolean;
  readonly mountPath: string;
  readonly subPath?: string;
  readonly mountPropagation?: string;
  readonly subPathExpr?: string;
  readonly recursiveReadOnly?: string;
}

export const volumeMount: Message<VolumeMount> = message({
  name: 'core.v1.VolumeMount',
  description: 'Where a volume appears in a container.',
  fields: {
    name: required(text(1, 'Name of a volume of the pod.')),
    readOnly: flag(2, 'Whether the container cannot write to it.'),
    mountPath: required(text(3, 'Path in the container; no colon.')),
    subPath: text(4, 'Path within the volume to mount instead of its root.'),
    mountPropagation: text(5, 'Whether later mounts are seen across; None keeps them apart.', {
      keepZero: true,
      values: ['Bidirectional', 'HostToContainer', 'None'],
    }),
    subPathExpr: text(6, "As subPath, with $(NAME) replaced by the container's variables."),
    recursiveReadOnly: text(7, 'Whether mounts below are read-only too.', {
      keepZero: true,
      values: ['Disabled', 'Enabled', 'IfPossible'],
    }),
  },
  check: checkVolumeMount,
});

export interface VolumeDevice {
  readonly name: string;
  readonly devicePath: string;
}

export const volumeDevice: Message<VolumeDevice> = message({
  name: 'core.v1.VolumeDevice',
  description: 'Where a block device appears in a container.',
  fields: {
    name: required(text(1, 'Name of a volume of the pod.')),
    devicePath: required(text(2, 'Path of the device in the container.')),
  },
});
