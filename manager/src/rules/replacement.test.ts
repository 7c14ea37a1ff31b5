import {
  emptyAllocation,
  emptyPort,
  emptyResources,
  newService,
  type PortConfig,
  PublishMode,
  type Service,
  type Task,
  TaskState,
} from '@tso/proto';
import test from 'ava';
import { status, task } from '../dispatcher/dispatcher-fixture.ts';
import { serviceSpec, taskSpec } from '../testing/specs.ts';
import { newPortsOf, portsServe, reservesAsWished, servesSpec } from './replacement.ts';

const ingress = (published: number, target = 80): PortConfig => ({ ...emptyPort, target, published });
const ofHost = (published: number): PortConfig => ({ ...ingress(published), mode: PublishMode.HOST });
const service = (...ports: readonly PortConfig[]): Service => ({
  ...newService,
  id: 'web',
  spec: serviceSpec('web', { ports }),
  ports,
  specVersion: 1,
});
const granted = (areOnIngress: boolean, ...ports: readonly PortConfig[]): Task =>
  task('a', 'alpha', {
    serviceId: 'web',
    status: status(TaskState.RUNNING),
    spec: taskSpec(),
    ports,
    networks: areOnIngress ? [{ ...emptyAllocation, networkId: 'ingress' }] : [],
  });

test('ports that every node answers on come and go without a restart while one of them stays, and host ports do not', (t) => {
  const before = [ingress(80), ofHost(9000)];
  t.true(portsServe([ingress(80), ingress(443, 8443), ofHost(9000)], before, true));
  t.true(portsServe([ingress(8080), ofHost(9000)], before, true), 'another number');
  t.false(portsServe([ingress(80), ofHost(9001)], before, true));
  t.false(portsServe([ofHost(9000)], before, true), 'with the last one tasks leave the network of these ports');
  t.false(portsServe([ingress(80)], [], false), 'with the first one they come onto it');
  t.true(portsServe([], [], false));
});

test('a task goes on with the new ports, once all of them have numbers', (t) => {
  const [old, next] = [granted(true, ingress(80)), service(ingress(80), ingress(443, 8443))];
  t.true(servesSpec(next, old));
  t.is(newPortsOf(next, old), next.ports);
  t.is(newPortsOf(next, { ...old, ports: next.ports }), undefined);
  t.is(newPortsOf(service(ingress(80), ingress(0, 8443)), old), undefined);
  t.is(newPortsOf(service(), old), undefined, 'that takes another task');
  t.false(servesSpec(service(), old));
});

test('what is reserved is compared by its amounts', (t) => {
  const reservations = { ...emptyResources, memoryBytes: 5 };
  const other = { ...service(), spec: serviceSpec('web', { task: { reservations } }) };
  t.false(reservesAsWished(other, granted(false)));
  t.true(reservesAsWished(other, { ...granted(false), spec: taskSpec({ reservations: { ...reservations } }) }));
});
