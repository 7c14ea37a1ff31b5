import { newService, type Service, ServiceMode } from '@tso/proto';
import test from 'ava';
import { serviceSpec } from '../testing/specs.ts';
import { wantedSlots, wishedSlots } from './wanted.ts';

const autoscale = { min: 2, max: 5, cpuPercent: 70, memoryPercent: 0, coolDownMs: 300_000 };
const scaled = (replicas: number, to?: number): Service => ({
  ...newService,
  spec: serviceSpec('web', { replicas, autoscale }),
  ...(to === undefined ? {} : { autoscale: { replicas: to, scaledAtMs: 0, message: '' } }),
});

test('an autoscaled service begins with its replicas and then has what the autoscaler says, always within its bounds', (t) => {
  t.deepEqual([scaled(1), scaled(3), scaled(9), scaled(3, 4), scaled(3, 1), scaled(3, 50)].map(wantedSlots), [2, 3, 5, 4, 2, 5]);
});

test('nothing of a stopped service is to run, and the number that it is wished to have stays', (t) => {
  const job = { totalCompletions: 4, maxConcurrent: 1 };
  const all = [
    { ...newService, spec: serviceSpec('web', { replicas: 3 }) },
    scaled(3, 4),
    { ...newService, spec: serviceSpec('job', { mode: ServiceMode.REPLICATED_JOB, job }) },
    { ...newService, spec: serviceSpec('agent', { mode: ServiceMode.GLOBAL, replicas: 3 }) },
  ];
  t.deepEqual(all.map(wantedSlots), [3, 4, 4, 0]);
  const stopped = all.map((service) => ({ ...service, stopped: true }));
  t.deepEqual(stopped.map(wantedSlots), [0, 0, 0, 0]);
  t.deepEqual(stopped.map(wishedSlots), [3, 4, 4, 0]);
});

test('only replicated services are scaled by themselves', (t) => {
  t.is(wantedSlots({ ...newService, spec: serviceSpec('agent', { mode: ServiceMode.GLOBAL, autoscale }) }), 0);
});
