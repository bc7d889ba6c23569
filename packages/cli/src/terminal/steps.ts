import type { Clock } from '@berth/world';
import type { Terminal } from './terminal.ts';

/** Progress of something long, told step by step with the time each took. */
export interface Steps {
  /** Runs one step; steps may run side by side. `note` of the result is shown behind the title. */
  run<T>(title: string, work: (progress: (note: string) => void) => Promise<T>): Promise<T>;
}

export function terminalSteps(terminal: Terminal, clock: Clock): Steps {
  const running = new Map<symbol, { readonly title: string; note: string }>();
  const show = (): void => {
    const lines = [...running.values()].map(({ title, note }) => (note === '' ? title : `${title}: ${note}`));
    if (lines.length > 0) terminal.status(terminal.style('dim', `… ${lines.join(' | ')}`));
  };
  return {
    async run(title, work) {
      const id = Symbol(title);
      const step = { title, note: '' };
      const begin = clock.monotonicMs();
      running.set(id, step);
      show();
      let mark = terminal.style('red', '✗');
      try {
        const result = await work((note) => {
          step.note = note;
          show();
        });
        mark = terminal.style('green', '✓');
        return result;
      } finally {
        running.delete(id);
        const seconds = `${((clock.monotonicMs() - begin) / 1000).toFixed(1)} s`;
        const note = step.note === '' ? '' : ` ${terminal.style('dim', step.note)}`;
        terminal.line(`${mark} ${title}${note} ${terminal.style('dim', seconds)}`);
        show();
      }
    },
  };
}
