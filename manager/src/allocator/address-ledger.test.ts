import { emptyAllocation, emptyMeta, newNode, newService, newTaskStatus, type Task, TaskState } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { applyTransaction } from '../store/apply.ts';
import { Tables } from '../store/tables.ts';
import { Draft } from '../store/transaction.ts';
import { attachment, serviceSpec, taskSpec } from '../testing/specs.ts';
import { AddressLedger, addressRestMs } from './address-ledger.ts';

const addressOf = (host: number): string => `10.0.0.${host}`;
const hosts = [2, 3, 4, 5, 6];
const network = { ...emptyAllocation, networkId: 'net' };

interface Step {
  readonly what: 'task' | 'service' | 'node' | 'remove';
  readonly id: string;
  readonly host: number;
  readonly state: TaskState;
  readonly lender: string;
  /** Milliseconds; below zero when the clock is put back. */
  readonly passes: number;
}

const step = fc.record<Step>({
  what: fc.constantFrom('task', 'task', 'task', 'service', 'node', 'remove'),
  id: fc.constantFrom('a', 'b', 'c'),
  host: fc.constantFrom(...hosts),
  state: fc.constantFrom(TaskState.ASSIGNED, TaskState.RUNNING, TaskState.FAILED),
  lender: fc.constantFrom('', '', 'a', 'b'),
  passes: fc.constantFrom(0, 0, 300, addressRestMs, -500),
});

const taskOf = ({ id, host, state, lender }: Step): Task => ({
  id,
  meta: emptyMeta,
  serviceId: 's',
  serviceName: 's',
  stack: 'shop',
  slot: 1,
  nodeId: '',
  spec: taskSpec(),
  specVersion: 1,
  desiredState: TaskState.RUNNING,
  status: { ...newTaskStatus, state },
  networks: [{ ...network, address: addressOf(host), address6: host === 6 ? 'fd00::6' : '' }],
  ports: [],
  pendingReason: '',
  notBeforeMs: 0,
  mode: 0,
  drainMs: 0,
  generic: [],
  networkOf: lender === id ? '' : lender,
  pidOf: '',
  serviceLabels: {},
  ipcOf: '',
  files: [],
  jobIteration: 0,
});

const put = (draft: Draft, one: Step): void => {
  const { what, id, host } = one;
  // Of its own for each: what two have is never the planner's doing.
  const own = host + 10 * (id.charCodeAt(0) - 'a'.charCodeAt(0));
  const held = { networkId: 'net', address: addressOf(own + 10), address6: '' };
  const spec = serviceSpec(id, { task: { networks: [attachment('net', { ipv4Address: addressOf(host) })] } });
  if (what === 'task') draft.putTask(taskOf(one));
  if (what === 'service') draft.putService({ ...newService, id, stack: 'shop', spec, vips: [held] });
  if (what === 'node')
    draft.putNode({ ...newNode, id, addresses: [{ ...held, address: addressOf(own + 50) }], tunnelAddress: addressOf(own) });
  if (what === 'remove') for (const kind of ['task', 'service', 'node'] as const) draft.remove(kind, id);
};

/** All that is asked of a ledger, as text. */
const told = (ledger: AddressLedger, now: number): unknown => {
  const name = (owner: ReturnType<AddressLedger['ownerOf']>): string =>
    typeof owner === 'object' ? ('node' in owner ? owner.node.id : owner.service.id) : String(owner);
  const all = Array.from({ length: 90 }, (_, host) => addressOf(host));
  return [
    all.map((address) => [name(ledger.ownerOf('net', address)), name(ledger.ownerOf('tunnels', address))]),
    name(ledger.ownerOf6('net', 'fd00::6')),
    ledger.ownersOn('net').map(name).sort(),
    [...ledger.restingOn('net', now)].sort(),
    [...(ledger.fixed ?? [])].map(([key, { addresses }]) => [key, [...addresses].sort()]).sort(),
  ];
};

const commit = (tables: Tables, draft: Draft, now: number): void => {
  const result = applyTransaction(tables, tables.index + 1, { actions: draft.actions(), expect: [], atMs: now, origin: 'test' });
  if (!result.ok) throw new Error('a transaction without expectations must apply');
};

/** Whether two that live have the same address, of which only one can be known: the planner never makes that. */
const isContested = (tables: Tables): boolean => {
  const live = tables.tasks().filter(({ status }) => status.state < TaskState.COMPLETE);
  const lent = new Set(live.map(({ networkOf }) => networkOf));
  const held = tables
    .tasks()
    .filter((one) => live.includes(one) || lent.has(one.id))
    .map(({ networks }) => networks[0]?.address);
  return new Set(held).size < held.length;
};

test('a ledger that follows the store change by change knows the same as one that reads it anew', (t) => {
  fc.assert(
    fc.property(fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 12 }), (rounds) => {
      const tables = new Tables();
      const followed = new AddressLedger();
      let now = 1_000_000;
      for (const steps of rounds) {
        const draft = new Draft(tables);
        for (const one of steps) {
          now += one.passes;
          put(draft, one);
        }
        commit(tables, draft, now);
        followed.follow(tables, now);
        const anew = new AddressLedger();
        anew.follow(tables, now);
        if (isContested(tables)) continue;
        if (JSON.stringify(told(followed, now)) !== JSON.stringify(told(anew, now)))
          throw new Error(`${JSON.stringify(told(followed, now))}\n${JSON.stringify(told(anew, now))}`);
      }
    }),
  );
  t.pass();
});

test('a ledger over another knows what a draft changes, and leaves the one below as it is', (t) => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 8 }),
      fc.array(step, { maxLength: 8 }),
      fc.array(step, { maxLength: 4 }),
      (first, second, third) => {
        const tables = new Tables();
        const now = 1_000_000;
        const begun = new Draft(tables);
        for (const one of first) put(begun, one);
        commit(tables, begun, now - addressRestMs / 2);
        const below = new AddressLedger();
        below.follow(tables, now);
        const before = JSON.stringify(told(below, now));
        const draft = new Draft(tables);
        for (const one of second) put(draft, one);
        const trial = new Draft(draft);
        for (const one of third) put(trial, one);
        const above = new AddressLedger(below);
        const turns = { tasks: trial.turns('task'), services: trial.turns('service'), nodes: trial.turns('node') };
        above.take(turns, (id) => trial.task(id), trial.services());
        if (JSON.stringify(told(below, now)) !== before) throw new Error('the one below has changed');
        const written = new Tables();
        const whole = new Draft(written);
        for (const kind of ['task', 'service', 'node'] as const) for (const object of trial.table(kind).all()) whole.put(kind, object);
        commit(written, whole, now - addressRestMs / 2);
        const anew = new AddressLedger();
        anew.follow(written, now);
        if (isContested(tables) || isContested(written)) return;
        // When a task ended is for the store to say, once it is written there.
        const ownersOnly = (all: unknown): string => JSON.stringify((all as readonly unknown[]).filter((_, at) => at !== 3));
        if (ownersOnly(told(above, now)) !== ownersOnly(told(anew, now)))
          throw new Error(`${ownersOnly(told(above, now))}\n${ownersOnly(told(anew, now))}`);
      },
    ),
  );
  t.pass();
});
