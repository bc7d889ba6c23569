export type * from './controller.ts';
export { allControllers } from './controller-roster.ts';
export { type ControllerSettings, defaultTimings, type NodeLossSettings, type ServedKind } from './settings.ts';
