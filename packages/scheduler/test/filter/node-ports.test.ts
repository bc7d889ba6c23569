import { expect, test } from 'vitest';
import { node, pod } from '../objects.ts';
import { verdict } from '../verdict.ts';

const refused = "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.";

test.each([
  { taken: { hostPort: 80 }, wanted: { hostPort: 80 }, says: refused },
  { taken: { hostPort: 80 }, wanted: { hostPort: 81 }, says: 'n1' },
  { taken: { hostPort: 53, protocol: 'UDP' }, wanted: { hostPort: 53 }, says: 'n1' },
  { taken: { hostPort: 80, hostIP: '10.0.0.1' }, wanted: { hostPort: 80, hostIP: '10.0.0.2' }, says: 'n1' },
  { taken: { hostPort: 80, hostIP: '10.0.0.1' }, wanted: { hostPort: 80, hostIP: '10.0.0.1' }, says: refused },
  { taken: { hostPort: 80, hostIP: '0.0.0.0' }, wanted: { hostPort: 80, hostIP: '10.0.0.2' }, says: refused },
  { taken: { hostPort: 80, hostIP: '10.0.0.1' }, wanted: { hostPort: 80 }, says: refused },
])('$taken taken, $wanted wanted: $says', ({ taken, wanted, says }) => {
  const there = pod('there', { hostPorts: [taken], node: 'n1' });
  expect(verdict([node('n1')], [there], pod('p', { hostPorts: [wanted] }))).toBe(says);
});
