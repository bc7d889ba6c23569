export { type Revision, revision } from './revision.ts';
export type * from './store.ts';
export { StoreError, type StoreErrorCode, type StoreErrorFacts, storeErrors } from './store-error.ts';
