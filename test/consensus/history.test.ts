// That a broken store is caught: the same clients and the same judgement, on stores that lie.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Config, type Logger, TsoError } from '@tso/proto';
import { Control, type Handlers, RpcServer } from '@tso/proto/rpc';
import test, { type ExecutionContext } from 'ava';
import { Clients } from './clients.ts';
import { History } from './history.ts';

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

type Kept = ReadonlyMap<string, Config>;
type Handled = Pick<Handlers<typeof Control>, 'putConfig' | 'getConfig'>;

const configOf = (name: string, data: Uint8Array, version: number): Config => ({
  id: name,
  name,
  data,
  labels: {},
  stack: '',
  meta: { version, createdAtMs: 0, updatedAtMs: 0 },
});

/** A store in memory. @param lie every how many answers it does not tell the truth; 0: never */
const store = (habit: 'honest' | 'old reads' | 'lost writes' | 'refuses what it did', lie: number): Handled => {
  const states: Kept[] = [new Map()];
  let turn = 0;
  const lies = (what: typeof habit): boolean => {
    turn += 1;
    return habit === what && turn % lie === 0;
  };
  const latest = (): Kept => states.at(-1) ?? new Map();
  return {
    putConfig: async ({ name, data, expectedVersion }) => {
      const version = latest().get(name)?.meta.version ?? 0;
      if (expectedVersion !== undefined && expectedVersion !== version) throw new TsoError('CONFLICT', `${name} has version ${version}`);
      if (lies('lost writes')) return { version: states.length };
      states.push(new Map(latest()).set(name, configOf(name, data, states.length)));
      if (lies('refuses what it did')) throw new TsoError('UNAVAILABLE', 'there is no leader', { details: { outcome: 'refused' } });
      return { version: states.length - 1 };
    },
    getConfig: async ({ name }) => {
      const state = lies('old reads') ? (states.at(-12) ?? states[0]) : latest();
      const found = state?.get(name);
      if (found === undefined) throw new TsoError('NOT_FOUND', `there is no config ${name}`);
      return found;
    },
  };
};

const problemOf = async (t: ExecutionContext, handled: Handled, operations = 1_500): Promise<string | undefined> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-liar-'));
  const address = `unix:${join(folder, 'api.sock')}`;
  const server = new RpcServer({ address, authenticate: () => ['client'], logger: silent });
  server.add(Control, handled as unknown as Handlers<typeof Control>);
  await server.start();
  const history = new History();
  const clients = new Clients(history, { count: 6, targets: () => [address], seed: 1 }).start();
  try {
    await clients.progress(operations, 'at a store in memory');
    await clients.stop();
    await clients.readAll([address]);
  } finally {
    await clients.stop();
    await server.stop(0);
    await rm(folder, { recursive: true });
  }
  const problem = await history.problem(t.title);
  const kept = /^npm run linearizability -- (?<path>.+)$/m.exec(problem ?? '')?.groups?.path;
  if (kept !== undefined) await rm(dirname(kept), { recursive: true });
  return problem;
};

test('an honest store passes', async (t) => {
  t.is(await problemOf(t, store('honest', 0)), undefined);
});

for (const habit of ['old reads', 'lost writes', 'refuses what it did'] as const)
  test(`a store of ${habit} once in fifty times is caught`, async (t) => {
    t.regex((await problemOf(t, store(habit, 50))) ?? 'nothing was found', /not linearizable/);
  });
