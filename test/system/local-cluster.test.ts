import { describe } from 'vitest';
import { berthCommand } from './local-cluster/berth-command.ts';
import { npmRunDown } from './local-cluster/down.ts';
import { joining } from './local-cluster/joining.ts';
import { logs } from './local-cluster/logs.ts';
import { nodeLoss } from './local-cluster/node-loss.ts';
import { podFeatures } from './local-cluster/pods.ts';
import { removal } from './local-cluster/removal.ts';
import { rollouts } from './local-cluster/rollouts.ts';
import { scheduling } from './local-cluster/scheduling.ts';
import { selfHealing } from './local-cluster/self-healing.ts';
import { services } from './local-cluster/services.ts';
import { npmRunUp, start } from './local-cluster/start.ts';
import { suiteWithCluster } from './support/cluster-suite.ts';

let printed = '';
let shortLivedToken = '';
const cluster = suiteWithCluster(async (each) => {
  printed = await npmRunUp(each);
  shortLivedToken = (await each.berth('token', 'create', '--role', 'agent', '--ttl', '1m')).trim();
});

describe('npm run up', () => start(cluster, () => printed));
describe('rollouts', () => rollouts(cluster));
describe('self-healing', () => selfHealing(cluster));
describe('scheduling', () => scheduling(cluster));
describe('services', () => services(cluster));
describe('pods', () => podFeatures(cluster));
describe('logs', () => logs(cluster));
describe('removal', () => removal(cluster));
describe('loss of nodes', () => nodeLoss(cluster));
describe('without kubectl', () => berthCommand(cluster));
describe('joining', () => joining(cluster, () => shortLivedToken));
describe('npm run down', () => npmRunDown(cluster));
