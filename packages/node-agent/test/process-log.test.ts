import { expect, test } from 'vitest';
import { processLog } from '../src/logging/process-log.ts';

test('a line names level, time and node in words, tells an error with its cause, and hides credentials', () => {
  const lines: string[] = [];
  const log = processLog({ level: 'info', nodeName: 'n1', destination: { write: (line) => void lines.push(line) } });
  log.debug({}, 'not at this level');
  log.warn({ error: new Error('no route'), token: 'berth1.agent.id.secret' }, 'joining failed');
  expect(lines).toHaveLength(1);
  const line = JSON.parse(lines[0] ?? '');
  expect(line).toMatchObject({ level: 'warn', node: 'n1', msg: 'joining failed', token: '[redacted]' });
  expect(line.error.message).toBe('no route');
  expect(new Date(line.time).toISOString()).toBe(line.time);
});
