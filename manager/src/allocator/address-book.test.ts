import {
  emptyAllocation,
  emptyMeta,
  formatIpv4,
  type Network,
  newNetwork,
  newNode,
  newService,
  newTaskStatus,
  parseIpv4,
  type Task,
  TaskState,
} from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { isGivenOut } from '../rules/address-space.ts';
import { Tables } from '../store/tables.ts';
import { Draft } from '../store/transaction.ts';
import { attachment, networkSpec, serviceSpec, taskSpec } from '../testing/specs.ts';
import { AddressBook } from './address-book.ts';
import { addressRestMs } from './address-ledger.ts';
import { allocateAddresses } from './addresses.ts';

const now = 1_000_000;
const net: Network = { ...newNetwork, id: 'net', subnet: '10.0.0.0/27', gateway: '10.0.0.1', nextHost: 1, spec: networkSpec('net') };

const task = (id: string, addresses: readonly string[], change: Partial<Task> = {}): Task => ({
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
  status: newTaskStatus,
  networks: addresses.map((address) => ({ ...emptyAllocation, networkId: 'net', address })),
  ports: [],
  pendingReason: '',
  notBeforeMs: 0,
  mode: 0,
  drainMs: 0,
  generic: [],
  networkOf: '',
  pidOf: '',
  serviceLabels: {},
  ipcOf: '',
  files: [],
  jobIteration: 0,
  ...change,
});

const draftWith = (network: Network, tasks: readonly Task[] = []): Draft => {
  const draft = new Draft(new Tables());
  draft.putNetwork(network);
  for (const one of tasks) draft.putTask(one);
  return draft;
};

/** Takes what is free until nothing is. */
const takeAll = (draft: Draft, network: Network): readonly string[] => {
  const book = new AddressBook(draft, now);
  const taken: string[] = [];
  for (;;) {
    const current = draft.network(network.id) ?? network;
    const space = book.space(current);
    const next = space === undefined ? undefined : book.next(current, space);
    if (next === undefined || !('address' in next)) return taken;
    const text = formatIpv4(next.address);
    book.hold(network.id, text, '', { task: task(`t${taken.length}`, []) });
    draft.putNetwork({ ...current, nextHost: next.host });
    taken.push(text);
  }
};

test('what is given out was free, lies in the range, and is nobody else’s: until all are given', (t) => {
  const host = fc.integer({ min: 0, max: 31 });
  const address = (at: number): string => `10.0.0.${at}`;
  fc.assert(
    fc.property(
      fc.record({
        range: fc.option(fc.record({ at: fc.nat(31), prefix: fc.integer({ min: 27, max: 31 }) }), { nil: undefined }),
        reserved: fc.array(host, { maxLength: 3 }),
        tasks: fc.array(host, { maxLength: 8 }),
        vips: fc.array(host, { maxLength: 4 }),
        nodes: fc.array(host, { maxLength: 4 }),
        fixed: fc.array(host, { maxLength: 4 }),
        nextHost: fc.nat(40),
      }),
      ({ range, reserved, tasks, vips, nodes, fixed, nextHost }) => {
        const ipRange = range === undefined ? '' : `10.0.0.${range.at - (range.at % 2 ** (32 - range.prefix))}/${range.prefix}`;
        const network: Network = {
          ...net,
          nextHost,
          spec: networkSpec('net', { ipRange, reserved: Object.fromEntries(reserved.map((at, index) => [`r${index}`, address(at)])) }),
        };
        const draft = draftWith(
          network,
          tasks.map((at, index) => task(`held${index}`, [address(at)])),
        );
        const wants = fixed.map((at) => attachment('net', { ipv4Address: address(at) }));
        draft.putService({
          ...newService,
          id: 's',
          stack: 'shop',
          spec: serviceSpec('s', { task: { networks: wants } }),
          vips: vips.map((at) => ({ networkId: 'net', address: address(at), address6: '' })),
        });
        for (const [index, at] of nodes.entries())
          draft.putNode({ ...newNode, id: `n${index}`, addresses: [{ networkId: 'net', address: address(at), address6: '' }] });
        const space = new AddressBook(draft, now).space(network);
        if (space === undefined) return false;
        const taken = takeAll(draft, network);
        const others = new Set([...tasks, ...vips, ...nodes, ...fixed].map(address));
        const free = Array.from({ length: 32 }, (_, at) => address(at)).filter(
          (one) => isGivenOut(space, parseIpv4(one) ?? 0) && !others.has(one),
        );
        return new Set(taken).size === taken.length && [...taken].sort().join() === [...free].sort().join();
      },
    ),
  );
  t.pass();
});

test('addresses follow each other from the last one on, and begin again at the end', (t) => {
  const taken = takeAll(draftWith({ ...net, nextHost: 28 }), { ...net, nextHost: 28 });
  t.deepEqual(taken.slice(0, 4), ['10.0.0.29', '10.0.0.30', '10.0.0.2', '10.0.0.3']);
  t.is(taken.length, 29);
});

test('what a task left rests for a while, and nobody gets it before', (t) => {
  const small: Network = { ...net, subnet: '10.0.0.0/29' };
  const ended = (leftAtMs: number, address: string): Task =>
    task(`left ${address}`, [address], {
      meta: { ...emptyMeta, updatedAtMs: leftAtMs },
      status: { ...newTaskStatus, state: TaskState.FAILED },
    });
  const others = ['10.0.0.2', '10.0.0.3', '10.0.0.4'].map((one) => task(one, [one]));
  const draft = draftWith(small, [...others, ended(now - 500, '10.0.0.5'), ended(now - 100, '10.0.0.6')]);
  const nextAt = (atMs: number) => {
    const book = new AddressBook(draft, atMs);
    const space = book.space(small);
    return space === undefined ? undefined : book.next(small, space);
  };
  t.deepEqual(nextAt(now), { restsUntilMs: now - 500 + addressRestMs });
  t.like(nextAt(now - 500 + addressRestMs), { address: parseIpv4('10.0.0.5') });
  const full = draftWith(small, ['10.0.0.5', '10.0.0.6'].map((one) => task(one, [one])).concat(others));
  t.deepEqual(new AddressBook(full, now).next(small, new AddressBook(full, now).space(small) ?? t.fail()), { restsUntilMs: undefined });
});

test('a fixed IPv6 address is its own, and no IPv4 address is given out whose IPv6 address it is', (t) => {
  const six: Network = { ...net, spec: networkSpec('net', { enableIpv6: true }), subnet6: 'fd00::/64', gateway6: 'fd00::1' };
  const draft = draftWith(six);
  const fixed = serviceSpec('a', { task: { networks: [attachment('net', { ipv6Address: 'FD00:0::3' })] } });
  const plain = serviceSpec('b', { task: { networks: [attachment('net')] } });
  const [a, b] = [fixed, plain].map((spec, index) => ({ ...newService, id: `s${index}`, stack: 'shop', spec }));
  if (a === undefined || b === undefined) return t.fail();
  draft.putService(a);
  draft.putService(b);
  const book = new AddressBook(draft, now);
  const grant = (service: typeof a, id: string) =>
    allocateAddresses(
      book,
      { ...service, vips: [{ networkId: 'net', address: '10.0.0.30', address6: '' }] },
      task(id, [], { spec: service.spec.task }),
    );
  t.like(grant(b, 't1'), [{ address: '10.0.0.2', address6: 'fd00::2', mac: '02:42:0a:00:00:02' }]);
  t.like(grant(b, 't2'), [{ address: '10.0.0.4', address6: 'fd00::4' }]);
  t.like(grant(a, 't3'), [{ address: '10.0.0.5', address6: 'fd00::3' }]);
  t.like(grant(a, 't4'), { reason: 'address fd00::3 on network net is held by s.1 until that has ended' });
});

test('why a fixed address cannot be had is said by what it is', (t) => {
  const draft = draftWith({ ...net, spec: networkSpec('net', { reserved: { printer: '10.0.0.9' } }) });
  const service = {
    ...newService,
    id: 's',
    stack: 'shop',
    spec: serviceSpec('s'),
    vips: [{ networkId: 'net', address: '10.0.0.30', address6: '' }],
  };
  draft.putService(service);
  draft.putNode({
    ...newNode,
    id: 'n1',
    description: { ...newNode.description, hostname: 'alpha' },
    addresses: [{ networkId: 'net', address: '10.0.0.29', address6: '' }],
  });
  const why = (ipv4Address: string): unknown => {
    const wish = task('t', [], { spec: taskSpec({ networks: [attachment('net', { ipv4Address })] }) });
    const result = allocateAddresses(new AddressBook(draft, now), service, wish);
    return 'reason' in result ? result.reason : result[0]?.address;
  };
  t.is(why('10.0.0.7'), '10.0.0.7');
  t.is(why('10.0.1.7'), 'address 10.0.1.7 is outside 10.0.0.0/27 of network net');
  t.is(why('10.0.0.31'), 'address 10.0.0.31 stands for all of 10.0.0.0/27 of network net, not for one task');
  t.is(why('10.0.0.1'), 'address 10.0.0.1 is the gateway of network net, or reserved there');
  t.is(why('10.0.0.9'), 'address 10.0.0.9 is the gateway of network net, or reserved there');
  const advice = 'Choose another one; an ip_range for the network keeps addresses outside it for those who ask for them';
  t.is(why('10.0.0.30'), `address 10.0.0.30 on network net is held by the virtual address of service s. ${advice}`);
  t.is(why('10.0.0.29'), `address 10.0.0.29 on network net is held by node alpha. ${advice}`);
  draft.putTask(task('other', ['10.0.0.28'], { serviceId: 'o', serviceName: 'o' }));
  t.is(why('10.0.0.28'), `address 10.0.0.28 on network net is held by o.1 until that has ended. ${advice}`);
});

test('the address of a task that ended stays its own while another lives in its network', (t) => {
  const ended = (id: string, address: string): Task =>
    task(id, [address], { status: { ...newTaskStatus, state: TaskState.FAILED }, meta: { ...emptyMeta, updatedAtMs: now - 60_000 } });
  const guest = (state: TaskState) => task('guest', [], { networkOf: 'lender', status: { ...newTaskStatus, state } });
  const small: Network = { ...net, subnet: '10.0.0.0/29' };
  const free = (state: TaskState) =>
    takeAll(draftWith(small, [ended('lender', '10.0.0.2'), ended('other', '10.0.0.3'), guest(state)]), small);
  t.deepEqual(free(TaskState.RUNNING).toSorted(), ['10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6']);
  t.true(free(TaskState.SHUTDOWN).includes('10.0.0.2'));
});

test('a fixed address is not had while another task lives in the network of the one that left it', (t) => {
  const left = task('left', ['10.0.0.7'], { serviceName: 'db', status: { ...newTaskStatus, state: TaskState.SHUTDOWN } });
  const draft = draftWith(net, [left, task('guest', [], { networkOf: 'left' })]);
  const vips = [{ networkId: 'net', address: '10.0.0.30', address6: '' }];
  const service = { ...newService, id: 's', stack: 'shop', spec: serviceSpec('s'), vips };
  draft.putService(service);
  const wish = task('t', [], { spec: taskSpec({ networks: [attachment('net', { ipv4Address: '10.0.0.7' })] }) });
  t.like(allocateAddresses(new AddressBook(draft, now), service, wish), {
    reason: 'address 10.0.0.7 on network net is held by db.1, in whose network another task still runs',
  });
  draft.remove('task', 'guest');
  t.like(allocateAddresses(new AddressBook(draft, now), service, wish), [{ address: '10.0.0.7' }]);
});
