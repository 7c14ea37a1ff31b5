import { emptyPort, type IngressPort, type PortConfig, PublishMode } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import { CollectedLog } from '../testing/collected-log.ts';
import { eventually } from '../testing/eventually.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { PublishedPorts } from './published-ports.ts';
import { close, freePort, freePorts, listen, portOf } from './testing/listening.ts';
import type { PublishedPort } from './types.ts';

const config = (published: number, changes: Partial<PortConfig>): PortConfig => ({
  ...emptyPort,
  target: 80,
  published,
  hostIp: '127.0.0.1',
  ...changes,
});
const ingress = (published: number, changes: Partial<PortConfig> = {}): IngressPort => ({
  serviceId: 'web1',
  serviceName: 'web',
  stack: 'shop',
  affinity: false,
  backends: [{ taskId: 'task1', nodeId: 'here', address: '10.40.0.3', address6: '' }],
  port: config(published, { mode: PublishMode.INGRESS, ...changes }),
});
const host = (published: number): PublishedPort => ({
  taskId: 'task1',
  serviceId: 'db1',
  serviceName: 'shop_db',
  address: '10.32.1.3',
  serving: true,
  port: config(published, { mode: PublishMode.HOST }),
});

const world = (t: ExecutionContext) => {
  const clock = new ManualClock();
  const logger = new CollectedLog();
  const seen = { applied: 0, told: 0, failing: false };
  const ports = new PublishedPorts(
    { table: 'tso', nodeId: 'here' },
    {
      clock,
      logger,
      applyPorts: async () => {
        seen.applied += 1;
        if (seen.failing) throw new Error('nft did not take it');
      },
      reachable: (port) => port,
      addressHere: (taskId) => (taskId === 'task1' ? { address: '10.32.1.3', address6: '' } : undefined),
      onTroubles: () => {
        seen.told += 1;
      },
    },
  );
  t.teardown(() => ports.stop());
  return { ports, clock, logger, seen };
};

test('ports of both modes are held and in one table; what changed of it is told once', async (t) => {
  const { ports } = world(t);
  const [first = 0, second = 0] = await freePorts(2);
  t.true(ports.idle);
  await ports.setIngress([ingress(first)]);
  t.is(ports.patch(), undefined, 'the table comes: the whole is needed');
  await ports.publish([host(second)]);
  const patch = ports.patch() ?? '';
  t.regex(
    patch,
    new RegExp(
      `add element inet tso published_at \\{ 127\\.0\\.0\\.1 \\. tcp \\. ${second} : goto host-tcp-${second}-at-127\\.0\\.0\\.1 \\}`,
    ),
  );
  t.notRegex(patch, /in-web1/);
  t.is(ports.patch(), '');
  for (const port of [first, second]) await t.throwsAsync(listen(port), { code: 'EADDRINUSE' });
  t.false(ports.idle);
});

test('a task of this node is asked where it can answer from', async (t) => {
  const { ports } = world(t);
  await ports.setIngress([ingress(await freePort())]);
  t.true([...ports.whole().chains.values()].flat().some((rule) => rule.includes('dnat ip to 10.32.1.3 : 80')));
});

test('a port that a program has stays with it, is told with its holder, and is taken once the program has ended', async (t) => {
  const { ports, clock, logger, seen } = world(t);
  const program = await listen();
  const port = portOf(program);
  const other = await freePort();
  await ports.setIngress([ingress(port), ingress(other)]);
  t.is(ports.troubles.length, 1);
  t.regex(
    ports.troubles[0] ?? '',
    new RegExp(
      `^service shop_web is not answered on this node: port 127\\.0\\.0\\.1:${port}/tcp is taken on this host by .+ \\(pid ${process.pid}\\)`,
    ),
  );
  t.deepEqual(logger.at('warn'), ports.troubles);
  const keys = () => [...(ports.whole().sets.published_at?.keys() ?? [])];
  t.deepEqual(keys(), [`127.0.0.1 . tcp . ${other}`]);
  clock.advance(5_000);
  await eventually('it was tried again', () => seen.applied === 2);
  t.is(logger.at('warn').length, 1, 'said once');
  await close(program);
  clock.advance(5_000);
  await eventually('nothing is in the way', () => ports.troubles.length === 0);
  await eventually('the kernel is told', () => seen.applied === 3);
  t.is(keys().length, 2);
  t.is(seen.told, 2);
  t.is(clock.pending, 0);
});

test('an address that another node has is no trouble here, and no rule', async (t) => {
  const { ports } = world(t);
  await ports.setIngress([ingress(await freePort(), { hostIp: '192.0.2.77' })]);
  t.deepEqual(ports.troubles, []);
  t.is(ports.whole().sets.published_at?.size, 0);
});

test('what the kernel did not take is tried again', async (t) => {
  const { ports, clock, seen } = world(t);
  seen.failing = true;
  await t.throwsAsync(ports.setIngress([ingress(await freePort())]), { message: 'nft did not take it' });
  seen.failing = false;
  clock.advance(5_000);
  await eventually('it was tried again', () => seen.applied === 2);
  await eventually('nothing waits', () => clock.pending === 0);
});

test('after the end nothing is held and nothing is tried again', async (t) => {
  const { ports, clock } = world(t);
  const program = await listen();
  const free = await freePort();
  await ports.setIngress([ingress(portOf(program)), ingress(free)]);
  await ports.stop();
  t.is(clock.pending, 0);
  await close(await listen(free));
  await close(program);
});
