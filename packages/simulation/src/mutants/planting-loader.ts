import { registerHooks } from 'node:module';
import { mutants } from './mutant-table.ts';

// Loaded with `node --import` before a test program: plants the bug named by BERTH_MUTANT into the sources as they are read.
const mutant = mutants.find(({ id }) => id === process.env['BERTH_MUTANT']);
if (mutant === undefined) throw new Error(`BERTH_MUTANT names no mutant: ${process.env['BERTH_MUTANT']}`);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const patches = mutant.patches.filter(({ file }) => url.endsWith(`/packages/${file}`));
    if (patches.length === 0) return loaded;
    let source = String(loaded.source);
    for (const { find, replace } of patches) {
      if (source.split(find).length !== 2) throw new Error(`${mutant.id}: "${find}" does not occur once in ${url}`);
      source = source.replace(find, () => replace);
    }
    return { ...loaded, source };
  },
});
