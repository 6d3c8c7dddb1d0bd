import { zookeeperOutage } from '../src/proofs/zookeeper-outage.js';
import { suiteOf } from '../src/suite-of.js';

suiteOf(zookeeperOutage);
