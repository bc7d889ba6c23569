import { describe } from 'vitest';
import { hostLoss } from './isolated/host-loss.ts';
import { siteLoss } from './isolated/site-loss.ts';
import { slowLinks } from './isolated/slow-links.ts';
import { suiteWithCluster } from './support/cluster-suite.ts';
import { copyTestImages } from './support/test-image.ts';

/** In each of three data centers a server and a node, every one a host of its own. */
const cluster = suiteWithCluster(async (each) => {
  await each.dev('up', '--isolated', '--dcs', '3', '--nodes', '1', '--port', '0');
  await copyTestImages((await each.nodes()).map(({ name }) => each.engineSocket(name)));
});

describe('slow and lossy links between data centers', () => slowLinks(cluster));
describe('a data center cut off', () => siteLoss(cluster));
describe('loss of a host', () => hostLoss(cluster));
