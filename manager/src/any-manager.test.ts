import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExecRequest, LogStream, type LogsReply, type RelayFrame, TsoError } from '@tso/proto';
import { Control, Dispatcher, Managers, RpcChannel } from '@tso/proto/rpc';
import test, { type ExecutionContext } from 'ava';
import type { Manager } from './manager.ts';
import { FakeAgent, service, stack, startManager, type World } from './manager-fixture.ts';
import { eventually } from './testing/eventually.ts';

interface Member extends World {
  readonly name: string;
  readonly manager: Manager;
  readonly channel: RpcChannel;
}

/** Three managers of one group, on sockets; the first one leads. */
const group = async (t: ExecutionContext): Promise<readonly [Member, Member, Member]> => {
  const root = await mkdtemp(join(tmpdir(), 'tso-any-'));
  const members: Member[] = [];
  t.teardown(async () => {
    for (const { channel } of members) channel.destroy();
    for (const { manager } of members.toReversed()) await manager.stop();
    await rm(root, { recursive: true, force: true });
  });
  const begin = async (name: string): Promise<Member> => {
    const directory = join(root, name);
    await mkdir(directory);
    const door = `unix:${join(directory, 'door')}`;
    const manager = await startManager(directory, {
      nodeId: `${name}000000000000000000000000`.slice(0, 25),
      peerDoor: { listen: door, address: door },
      join: members[0] === undefined ? undefined : `unix:${join(members[0].directory, 'door')}`,
    });
    const channel = new RpcChannel(`unix:${join(directory, 'manager.sock')}`);
    const restart = (): never => {
      throw new Error('not in this test');
    };
    const member = { name, directory, manager, channel, control: channel.client(Control), dispatcher: channel.client(Dispatcher), restart };
    members.push(member);
    return member;
  };
  const [a, b, c] = [await begin('a'), await begin('b'), await begin('c')];
  await eventually('all three have a vote', async () => {
    const { managers } = await a.channel.client(Managers).listManagers({});
    return managers.filter(({ voter }) => voter).length === 3 ? true : undefined;
  });
  return [a, b, c];
};

/** Answers logs with one line and goes on following, and exec with an echo. */
const serve: FakeAgent['onRelay'] = async (request, frames) => {
  if (request.logs !== undefined) {
    const data = Buffer.from(`a line of ${request.taskId}`);
    await frames.send({ log: logLine(data) });
    if (!request.logs.follow) await frames.send({ end: true });
    return;
  }
  for await (const frame of frames as AsyncIterable<RelayFrame>) {
    if (frame.stdin !== undefined) await frames.send({ stdout: frame.stdin });
    if (frame.stdinEnd === true) return frames.send({ exitCode: 7 });
  }
};
const logLine = (data: Uint8Array) => ({
  taskId: '',
  atNsHigh: 1,
  ordinal: 0,
  atNsLow: 0,
  stream: LogStream.STDOUT,
  data,
  partial: false,
  serviceName: '',
  slot: 0,
  stack: '',
  node: '',
});

/** An agent at the one that leads. */
const agentAt = async (members: readonly Member[]): Promise<FakeAgent> =>
  eventually('an agent is let in by the leader', async () => {
    for (const member of members) {
      const agent = new FakeAgent(member);
      const outcome = await Promise.race([
        agent.welcomed.then(() => 'in'),
        agent.ended.then(
          () => 'out',
          () => 'out',
        ),
      ]);
      if (outcome !== 'in') continue;
      agent.onRelay = serve;
      return agent;
    }
    return undefined;
  });

const collect = async <T>(items: AsyncIterable<T>, into: T[] = []): Promise<T[]> => {
  for await (const item of items) into.push(item);
  return into;
};

const request = { spec: stack(service('web', 1)), dryRun: false, removeOrphans: false, services: [], files: [], declared: [] };
const logsOf = (follow: boolean) => ({ stack: 'shop', targets: [], options: { follow }, seen: [] });

const converged = (member: Member): Promise<boolean> =>
  eventually('the service runs', async () => {
    const { services } = await member.control.getStack({ name: 'shop' });
    return services[0]?.converged === true ? true : undefined;
  });

test('any manager serves any client: streams reach the task through the leader, and find the next leader when that one goes', async (t) => {
  const [a, b, c] = await group(t);
  const agent = await agentAt([a]);
  const headers = { 'idempotency-key': 'k1', 'tso-actor': 'ana' };
  const first = await b.control.applyStack(request, { headers });
  t.deepEqual(await c.control.applyStack(request, { headers }), first);
  await converged(c);

  for (const member of [a, b, c]) {
    const lines = await collect(member.control.logs(logsOf(false)));
    t.regex(Buffer.from(lines[0]?.line?.data ?? []).toString(), /^a line of /, member.name);
  }
  const exec = b.control.exec();
  await exec.send({ start: { stack: 'shop', target: 'web', index: 0, options: execOptions } } satisfies ExecRequest);
  await exec.send({ frame: { stdin: Buffer.from('hello') } });
  exec.end();
  const frames = await collect(exec);
  t.deepEqual([Buffer.from(frames[0]?.stdout ?? []).toString(), frames.at(-1)?.exitCode], ['hello', 7]);

  const followed: LogsReply[] = [];
  const following = collect(b.control.logs(logsOf(true)), followed);
  await eventually('the first line came', async () => followed.length > 0);
  agent.leave();
  await a.manager.stop();
  const error = await t.throwsAsync(following, { instanceOf: TsoError, code: 'UNAVAILABLE' });
  t.regex(error.message, /^the stream broke off: /);
  t.is(error.details.outcome, 'unknown');

  const next = await agentAt([b, c]);
  await converged(c);
  for (const member of [b, c]) {
    const lines = await collect(member.control.logs(logsOf(false)));
    t.true(
      lines.some(({ line }) => line !== undefined),
      member.name,
    );
  }
  t.deepEqual(await b.control.applyStack(request, { headers }), first, 'the key is known by whoever leads');
  next.leave();
  const { leader } = await c.channel.client(Managers).listManagers({});
  const other = leader === 2 ? 3 : 2;
  await c.channel.client(Managers).transferLeadership({ raftId: other }, { headers: { 'tso-actor': 'bob' } });
  for (const { directory } of [b, c]) {
    const audit = await eventually('both changes are in the audit log', async () => {
      const lines = (await readFile(join(directory, 'state', 'audit.log'), 'utf8')).split('\n').filter((line) => line.includes('"actor"'));
      return lines.length >= 2 ? lines.map((line) => JSON.parse(line)) : undefined;
    });
    t.is(audit.length, 2);
    t.like(audit[0], { actor: 'ana', target: 'stack shop', manager: `b${'0'.repeat(24)}` });
    // Between sockets there are no certificates: which manager passed it on is not known.
    t.like(audit[1], { actor: 'bob', target: `manager ${other}`, source: 'socket' });
  }
});

const execOptions = {
  command: ['cat'],
  user: '',
  workingDir: '',
  env: [],
  tty: false,
  interactive: true,
  privileged: false,
  detach: false,
};
