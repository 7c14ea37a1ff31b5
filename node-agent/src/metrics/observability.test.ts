import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { Logger } from '@tso/proto';
import test from 'ava';
import { ManualClock } from '../testing/manual-clock.ts';
import { Observability, type ObservabilityPorts } from './observability.ts';

const warnings: string[] = [];
const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (_, message) => warnings.push(message),
  error: () => undefined,
  child: () => logger,
};

const observability = (more: Partial<ObservabilityPorts> = {}, metricsAddr = '') => {
  const clock = new ManualClock();
  const ports: ObservabilityPorts = {
    clock,
    logger,
    runningTasks: () => [],
    statuses: () => [],
    stats: async () => undefined,
    nameAnswers: () => [],
    isMember: () => true,
    isConnected: () => true,
    isManagerWished: () => true,
    isManagerRunning: () => true,
    managerMetrics: async () => 'tso_manager_raft_term 3\n',
    certificateNotAfterMs: () => undefined,
    tls: () => undefined,
    ...more,
  };
  return { clock, it: new Observability({ metricsAddr }, ports) };
};

test('the figures of the node and of its manager are one page', async (t) => {
  const text = await observability().it.text();
  t.regex(text, /^tso_agent_session_connected 1$/m);
  t.regex(text, /^tso_manager_raft_term 3$/m);
});

test('a manager that hangs costs its own figures only', async (t) => {
  const { clock, it } = observability({ managerMetrics: () => new Promise(() => undefined) });
  const text = it.text();
  while (clock.pending === 0) await new Promise(setImmediate);
  clock.advance(2_000);
  t.notRegex(await text, /tso_manager/);
  t.true(warnings.includes('the figures of the manager are left out'));
});

test('a node is healthy when it is led, or belongs to nobody, and its manager answers if it is to have one', (t) => {
  const health = (more: Partial<ObservabilityPorts>) => observability(more).it.health();
  t.deepEqual(health({}), { healthy: true, parts: { agent: 'ok', session: 'ok', manager: 'ok' } });
  t.true(health({ isMember: () => false, isConnected: () => false, isManagerWished: () => false, isManagerRunning: () => false }).healthy);
  t.regex(health({ isConnected: () => false }).parts.session ?? '', /no manager answers: containers go on/);
  t.like(health({ isManagerRunning: () => false }), { healthy: false, parts: { manager: 'the manager of this node does not answer' } });
});

test('an address for scrapers that is taken is tried again until it can be had', async (t) => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', () => resolve()));
  const address = `127.0.0.1:${(other.address() as AddressInfo).port}`;
  const { clock, it } = observability({}, address);
  t.teardown(() => it.stop());
  await it.start();
  t.is(clock.pending, 1, 'it waits to try again');
  await new Promise<void>((resolve) => other.close(() => resolve()));
  clock.advance(2_000);
  const status = async (): Promise<number | undefined> => (await fetch(`http://${address}/healthz`).catch(() => undefined))?.status;
  let last = await status();
  for (const deadline = performance.now() + 20_000; last !== 200 && performance.now() < deadline; ) last = await status();
  t.is(last, 200);
});
