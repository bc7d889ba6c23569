import { BerthEngine } from './berth-engine.ts';
import type { Bench, Part } from './part.ts';
import { usageOf } from './process-usage.ts';
import type { Row } from './row.ts';

const valueBytes = 64;

/** What the core must reach when nobody has to be served at its door; below these it is to blame for every other row. */
export const core: Part = {
  name: 'core',
  about: 'absolute floors of the consensus core, without state and without clients (Berth alone)',
  extent: ({ pairs, runMs, warmUpMs }) => `${pairs} runs of ${runMs / 1000} s after ${warmUpMs / 1000} s of warm-up`,
  async measure(bench) {
    await using berth = await BerthEngine.start({ folder: bench.folder }, 'core');
    const own = { kind: 'own', unit: '/s', better: 'higher', etcd: [] } as const;
    const rows: Row[] = [];
    for (const [outstanding, gate] of [
      [1, 3_000],
      [1_000, 50_000],
    ] as const) {
      const figures = await runs(berth, outstanding, bench);
      const what = `synced commits of ${valueBytes} B by three processes, ${outstanding.toLocaleString('en')} outstanding`;
      rows.push({ ...own, what, gate, target: gate, berth: figures });
    }
    return rows;
  },
};

async function runs(berth: BerthEngine, outstanding: number, { extent, tell }: Bench): Promise<number[]> {
  const { warmUpMs, runMs, pairs } = extent;
  const figures: number[] = [];
  const before = await usageOf(berth.pids);
  for (let run = 0; run < pairs; run++) {
    const drive = { outstanding, valueBytes, until: { kind: 'time', warmUpMs, runMs } } as const;
    figures.push((await berth.ask(await berth.leader(), { kind: 'drive', drive })) as number);
  }
  const { cpuMs } = await usageOf(berth.pids);
  // The warm-up is as busy as the rest.
  const commits = figures.reduce((sum, perSecond) => sum + (perSecond * (warmUpMs + runMs)) / 1000, 0);
  const cost = `${(((cpuMs - before.cpuMs) * 1000) / commits).toFixed(0)} us of processor time each, all members`;
  tell(`${outstanding} outstanding: ${figures.map((figure) => figure.toFixed(0)).join(' ')}/s, ${cost}`);
  return figures;
}
