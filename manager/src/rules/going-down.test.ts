import { newService, type StoreAction, TaskState } from '@tso/proto';
import test from 'ava';
import { status, tablesOf, task } from '../dispatcher/dispatcher-fixture.ts';
import { serviceSpec } from '../testing/specs.ts';
import { GoingDown } from './going-down.ts';

/** A service that depends on those others, being removed, with a task that still runs. */
const leaving = (name: string, on: readonly string[], pidMode = '', state: TaskState = TaskState.RUNNING): readonly StoreAction[] => {
  const dependsOn = on.map((service) => ({ service, condition: 'service_started', required: true, restart: false }));
  const spec = serviceSpec(name, { dependsOn, task: { container: { pidMode } } });
  const putService = { ...newService, id: name, stack: 'shop', spec, removing: true };
  return [{ putService }, { putTask: task(`task-${name}`, 'a', { serviceId: name, serviceName: name, status: status(state) }) }];
};

const waits = (...actions: readonly (readonly StoreAction[])[]): Readonly<Record<string, readonly string[]>> => {
  const view = tablesOf(...actions.flat());
  const goingDown = new GoingDown(view);
  return Object.fromEntries(view.services().map((service) => [service.id, goingDown.before(service).map(({ id }) => id)]));
};

test('a service goes after all that depend on it or share something of its, as long as those are there', (t) => {
  t.deepEqual(waits(leaving('db', []), leaving('api', ['db']), leaving('top', [], 'service:db'), leaving('web', ['api'])), {
    db: ['api', 'top'],
    api: ['web'],
    top: [],
    web: [],
  });
  t.deepEqual(waits(leaving('db', []), leaving('api', ['db'], '', TaskState.SHUTDOWN)), { db: [], api: [] });
});

test('those that depend on each other in a circle do not wait for each other, others do', (t) => {
  t.deepEqual(waits(leaving('a', ['c']), leaving('b', ['a']), leaving('c', ['b', 'db']), leaving('db', []), leaving('web', ['a'])), {
    a: ['web'],
    b: [],
    c: [],
    db: ['c'],
    web: [],
  });
});
