import { coreMutants } from './core-mutants.ts';
import type { Mutant } from './mutant.ts';
import { readMutants } from './read-mutants.ts';
import { storageMutants } from './storage-mutants.ts';

/** The 32 bugs that the tests must be shown to catch. */
export const mutants: readonly Mutant[] = [...coreMutants, ...readMutants, ...storageMutants];
