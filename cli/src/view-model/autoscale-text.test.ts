import type { AutoscaleSpec, AutoscaleStatus, ServiceView } from '@tso/proto';
import test from 'ava';
import { aService, aTask } from '../testing/views.ts';
import { autoscaleBounds, autoscaleRow, autoscaleText } from './autoscale-text.ts';
import { serviceCells } from './service-text.ts';

const wish: AutoscaleSpec = { min: 1, max: 5, cpuPercent: 70, memoryPercent: 0, coolDownMs: 300_000 };
const scaling = (autoscale?: AutoscaleStatus): ServiceView => {
  const view = aService([aTask(), aTask({ slot: 2 })], { desired: 3 });
  const spec = { ...view.service.spec, autoscale: wish };
  return { ...view, service: { ...view.service, spec, ...(autoscale === undefined ? {} : { autoscale }) } };
};

test('a service that scales by itself shows between how many', (t) => {
  t.is(autoscaleBounds(scaling()), ' (1-5)');
  t.is(serviceCells(scaling(), 0)[4], '2/3 (1-5)');
  t.is(serviceCells(aService([aTask()]), 0)[4], '1/1');
});

test('its details say the rule, what it came to and why', (t) => {
  const rule = '1 to 5 tasks, cpu at 70 %, 5 min before it takes any away';
  t.is(autoscaleText(scaling(), 0), rule);
  const seen = { replicas: 3, scaledAtMs: 1_000, message: 'cpu was at 91 %' };
  t.is(autoscaleText(scaling(seen), 241_000), `${rule}; now 3 for 4 min: cpu was at 91 %`);
  t.is(autoscaleText(scaling({ replicas: 1, scaledAtMs: 0, message: '' }), 241_000), `${rule}; now 1`);
  t.is(autoscaleText(aService([]), 0), '');
});

test('its document has null for what is not looked at or not known', (t) => {
  t.is(autoscaleRow(aService([])), null);
  t.deepEqual(autoscaleRow(scaling()), {
    min: 1,
    max: 5,
    cpuPercent: 70,
    memoryPercent: null,
    coolDownMs: 300_000,
    replicas: null,
    scaledAt: null,
    message: '',
  });
  t.like(autoscaleRow(scaling({ replicas: 2, scaledAtMs: 1_700_000_000_000, message: 'x' })), {
    replicas: 2,
    scaledAt: '2023-11-14T22:13:20.000Z',
  });
});
