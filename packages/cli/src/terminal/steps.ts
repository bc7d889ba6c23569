import type { Clock } from '@berth/world';
import type { Terminal } from './terminal.ts';

/** Progress of something long, told step by step with the time each took. */
export interface Steps {
  /** Runs one step; steps may run side by side. What `progress` was last told is shown behind the title. */
  run<T>(title: string, work: (progress: (note: string) => void) => Promise<T>): Promise<T>;
}

/** On a terminal the running steps stand in one line that changes; elsewhere only ended steps are printed, a line each. */
export function terminalSteps(terminal: Terminal, clock: Clock): Steps {
  const running = new Set<{ readonly title: string; note: string }>();
  const show = (): void => {
    const texts = [...running].map(({ title, note }) => (note === '' ? title : `${title}: ${note}`));
    if (texts.length > 0) terminal.status(`… ${texts.join(' | ')}`);
  };
  return {
    async run(title, work) {
      const step = { title, note: '' };
      const begin = clock.monotonicMs();
      running.add(step);
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
        running.delete(step);
        const seconds = `${((clock.monotonicMs() - begin) / 1000).toFixed(1)} s`;
        const note = step.note === '' ? '' : ` ${terminal.style('dim', step.note)}`;
        terminal.line(`${mark} ${title}${note} ${terminal.style('dim', seconds)}`);
        show();
      }
    },
  };
}
