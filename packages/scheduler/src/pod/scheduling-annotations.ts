import { devicesAnnotation } from '../device/devices.ts';
import { gangAnnotation, gangSizeAnnotation, gangTopologyAnnotation } from '../gang/gang-note.ts';

/** Annotations of pods that a session reads; whoever hands it less than whole pods keeps these. */
export const schedulingAnnotations: readonly string[] = [
  devicesAnnotation,
  gangAnnotation,
  gangSizeAnnotation,
  gangTopologyAnnotation,
];
