import { afterAll, inject } from 'vitest';
import { useCluster } from './cluster.js';
import { removeTemporary } from './temporary.js';

useCluster({ endpoints: inject('endpoints'), control: inject('control') });
afterAll(removeTemporary);
