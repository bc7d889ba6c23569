import { expect, test } from 'vitest';
import type { Cluster } from '../support/cluster.ts';
import { untilNothingLeft } from '../support/cluster-suite.ts';
import { run } from '../support/command.ts';
import { record } from '../support/measured-times.ts';
import { elapsed } from '../support/waiting.ts';

/** The last story: it ends the cluster. */
export function npmRunDown(cluster: Cluster): void {
  const npmRunDown = (): Promise<string> => run('npm', ['run', 'down', '--silent'], { env: cluster.environment });

  test('no container, network, link, rule, route, mount, control group, process or folder of Berth is left', async () => {
    record({ what: 'npm run down' }, await elapsed(npmRunDown));
    await untilNothingLeft(cluster);
  });

  test('once more, it says that there is nothing', async () => {
    expect(await npmRunDown()).toMatch(/no local cluster/i);
  });
}
