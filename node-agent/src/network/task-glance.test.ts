import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { TaskGlances } from './task-glance.ts';

const routes6 = (uses: number, device = 'eth0'): string =>
  `fd00 40 00 00 00 00000100 0000000${uses} 0000000${uses} 00000001     ${device}\nfe80 40 00 00 00 00000100 00000001 00000000 00000001     ${device}\n`;

/** A tree like that of /proc, and files that stand for namespaces. */
class World {
  readonly root: string;
  readonly glances: TaskGlances;

  constructor(root: string) {
    this.root = root;
    this.glances = new TaskGlances({ proc: join(root, 'proc') });
  }

  file(name: string): string {
    return join(this.root, name);
  }

  async process(pid: number, namespace: string, files: Readonly<Record<string, string>>): Promise<void> {
    const dir = join(this.root, 'proc', String(pid));
    await rm(dir, { recursive: true, force: true });
    await mkdir(join(dir, 'ns'), { recursive: true });
    await mkdir(join(dir, 'net'));
    await symlink(`net:[${(await stat(this.file(namespace))).ino}]`, join(dir, 'ns', 'net'));
    for (const [name, text] of Object.entries({ route: 'r', fib_trie: 'f', ...files })) await writeFile(join(dir, 'net', name), text);
  }

  end(pid: number): Promise<void> {
    return rm(join(this.root, 'proc', String(pid)), { recursive: true });
  }
}

const inWorld = async (work: (world: World) => Promise<void>): Promise<void> => {
  const root = await mkdtemp(join(tmpdir(), 'tso-glance-'));
  try {
    await mkdir(join(root, 'proc'));
    for (const name of ['a', 'b']) await writeFile(join(root, name), '');
    await work(new World(root));
  } finally {
    await rm(root, { recursive: true });
  }
};

const seen = (t: ExecutionContext, world: World, file: string): string => {
  const text = world.glances.look([world.file('a'), world.file('b')]).get(world.file(file));
  t.not(text, undefined, `${file} is seen`);
  return text ?? '';
};

test('what is seen of a namespace changes with its routes and addresses, and not with how often they are used', (t) =>
  inWorld(async (world) => {
    await world.process(7, 'a', { ipv6_route: routes6(1), if_inet6: 'x' });
    const first = seen(t, world, 'a');
    await world.process(7, 'a', { ipv6_route: routes6(5), if_inet6: 'x' });
    t.is(seen(t, world, 'a'), first);
    for (const files of [{ route: 'other' }, { fib_trie: 'other' }, { if_inet6: 'y' }, { ipv6_route: routes6(1, 'eth1') }]) {
      await world.process(7, 'a', { ipv6_route: routes6(1), if_inet6: 'x', ...files });
      t.not(seen(t, world, 'a'), first, JSON.stringify(files));
    }
  }));

test('each namespace is seen by a process of its own, and by another when that ended', (t) =>
  inWorld(async (world) => {
    await world.process(7, 'a', { route: 'of a' });
    await world.process(8, 'b', { route: 'of b' });
    t.regex(seen(t, world, 'a'), /of a/);
    t.regex(seen(t, world, 'b'), /of b/);
    await world.end(7);
    await world.process(9, 'a', { route: 'of a' });
    t.regex(seen(t, world, 'a'), /of a/);
    await world.process(9, 'b', {});
    t.false(world.glances.look([world.file('a')]).has(world.file('a')), 'a process that went elsewhere is none of this one');
  }));

test('without a process, or without a file, nothing is seen; a process that comes later is found in the end', (t) =>
  inWorld(async (world) => {
    const files = [world.file('a'), world.file('nosuch')];
    t.is(world.glances.look(files).size, 0);
    await world.process(7, 'a', {});
    const rounds = Array.from({ length: 6 }, () => world.glances.look(files).size);
    t.is(rounds.at(-1), 1);
    t.true(rounds.includes(0), 'it is not searched for in every round');
  }));
