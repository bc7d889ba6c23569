import type { Draft } from '../../schema/message.ts';
import type { Volume } from './volume.ts';

/** A volume without a source is an empty directory. */
export function fillVolume(volume: Draft<Volume>): void {
  if (Object.keys(volume).every((field) => field === 'name')) volume.emptyDir = {};
}
