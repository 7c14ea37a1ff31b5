// What a member finds in its state directory when somebody or something was there meanwhile.
import { appendFile, cp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Cluster } from './cluster.ts';
import type { ManagerProcess } from './manager-process.ts';
import { RegisterClient } from './register.ts';

const contentsOf = async (folder: string): Promise<Readonly<Record<string, string>>> => {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, (await readFile(join(folder, name))).toString('base64')])));
};

const write = async (member: ManagerProcess, key: string, value: string): Promise<void> => {
  const client = new RegisterClient(member.target);
  try {
    await client.write(key, value, 10_000);
  } finally {
    client.close();
  }
};

const read = async (member: ManagerProcess, key: string): Promise<string | null> => {
  const client = new RegisterClient(member.target);
  try {
    return (await client.read(key, 10_000)).value;
  } finally {
    client.close();
  }
};

const named = async (folder: string, pattern: RegExp): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => pattern.test(name)).sort();

const first = (names: readonly string[]): string => {
  if (names[0] === undefined) throw new Error('there is no such file');
  return names[0];
};

const logs = /^raft-\d+\.log$/;
const snapshots = /\.snapshot$/;

const flip = async (path: string, share: number): Promise<void> => {
  const bytes = await readFile(path);
  const at = Math.floor(bytes.length * share);
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  await writeFile(path, bytes);
};

interface Damage {
  readonly what: string;
  /** @param other a copy of the log directory of another member */
  readonly does: (folder: string, other: string) => Promise<string>;
  readonly says: RegExp;
}

const damages: readonly Damage[] = [
  {
    what: 'a bit of the log flipped',
    does: async (folder) => {
      const name = first(await named(folder, logs));
      await flip(join(folder, name), 0.3);
      return name;
    },
    says: /damaged/,
  },
  {
    what: 'a bit of the snapshot flipped',
    does: async (folder) => {
      const name = first((await named(folder, snapshots)).slice(-1));
      await flip(join(folder, name), 0.5);
      return name;
    },
    says: /damaged/,
  },
  {
    what: 'the snapshot cut short',
    does: async (folder) => {
      const name = first((await named(folder, snapshots)).slice(-1));
      await truncate(join(folder, name), 200);
      return name;
    },
    says: /damaged/,
  },
  {
    what: 'the snapshot of another member',
    does: async (folder, other) => {
      const name = first((await named(folder, snapshots)).slice(-1));
      await cp(join(other, first((await named(other, snapshots)).slice(-1))), join(folder, name));
      return name;
    },
    says: /does not belong here|damaged/,
  },
  {
    what: 'the log of another member',
    does: async (folder, other) => {
      const name = first((await named(folder, logs)).slice(-1));
      await cp(join(other, first((await named(other, logs)).slice(-1))), join(folder, name));
      return name;
    },
    says: /does not belong here|damaged/,
  },
  {
    what: 'a log file gone',
    does: async (folder) => {
      const name = first((await named(folder, logs)).slice(-1));
      await rm(join(folder, name));
      return name;
    },
    says: /missing/,
  },
  {
    what: 'the file that says whose log it is damaged',
    does: async (folder) => {
      await flip(join(folder, 'raft.json'), 0.5);
      return 'raft.json';
    },
    says: /damaged/,
  },
  {
    what: 'the keys of the log gone',
    does: async (folder) => {
      await rm(join(folder, 'raft-keys.json'));
      return 'raft-keys.json';
    },
    says: /missing/,
  },
];

/** A group of three with a snapshot and a log behind it; two of its members are stopped in turn to be tampered with. */
const withFiles = async (work: (cluster: Cluster) => Promise<void>): Promise<void> => {
  const cluster = await Cluster.start({ size: 3, flags: { 'snapshot-entries': 100, 'keep-entries': 20 } });
  try {
    for (let turn = 0; turn < 260; turn += 1) await write(cluster.someone(), `k${turn % 7}`, `v${turn} ${'x'.repeat(200)}`);
    await work(cluster);
  } finally {
    await cluster.destroy();
  }
};

const damagedStart = async (t: ExecutionContext, member: ManagerProcess, other: string, damage: Damage): Promise<void> => {
  const name = await damage.does(member.logDir, other);
  const before = await contentsOf(member.logDir);
  const error = await t.throwsAsync(member.start(), undefined, damage.what);
  t.regex(error?.message ?? '', damage.says, damage.what);
  t.true(error?.message.includes(name), `${damage.what}: "${error?.message}" names ${name}`);
  t.deepEqual(Object.keys(await contentsOf(member.logDir)), Object.keys(before), `${damage.what}: no file is gone`);
  t.deepEqual(await contentsOf(member.logDir), before, `${damage.what}: the files are as they were`);
};

test.serial('damaged, cut, foreign and missing files are refused by name and left as they are; the others go on', async (t) => {
  await withFiles(async (cluster) => {
    const [member, other] = await cluster.followers();
    if (member === undefined || other === undefined) throw new Error('there are two followers');
    // Both stopped for a moment: copies of a whole directory each.
    const [whole, foreign] = [`${member.logDir}.whole`, `${other.logDir}.whole`];
    await other.stop();
    await cp(other.logDir, foreign, { recursive: true });
    await other.start();
    await cluster.caughtUp(other);
    await member.stop();
    await rename(member.logDir, whole);
    for (const damage of damages) {
      await cp(whole, member.logDir, { recursive: true });
      await damagedStart(t, member, foreign, damage);
      await write(cluster.someone(), 'k1', damage.what);
      t.is(await read(other, 'k1'), damage.what, 'the other two go on');
      await rm(member.logDir, { recursive: true });
    }
    await rename(whole, member.logDir);
    await member.start();
    t.is(await read(member, 'k1'), damages.at(-1)?.what ?? '');
  });
});

test.serial('a write that a crash tore is cut off and kept aside: all that was acknowledged is there', async (t) => {
  await withFiles(async (cluster) => {
    const [member] = await cluster.followers();
    if (member === undefined) throw new Error('there are two followers');
    await write(cluster.someone(), 'k1', 'before');
    await cluster.caughtUp(member);
    await member.kill();
    const path = join(member.logDir, first((await named(member.logDir, logs)).slice(-1)));
    const bytes = await readFile(path);
    // What was on its way when the machine stopped: the beginning of the next write.
    await appendFile(path, bytes.subarray(-300, -260));
    await write(cluster.someone(), 'k2', 'meanwhile');
    await member.start();
    await cluster.caughtUp(member);
    t.is(await read(member, 'k1'), 'before');
    t.is(await read(member, 'k2'), 'meanwhile');
    t.is((await named(member.logDir, /torn/)).length, 1, (await readdir(member.logDir)).join(' '));
  });
});

test.serial('a log that was cut short of what it acknowledged: the member says so and ends, the others go on', async (t) => {
  await withFiles(async (cluster) => {
    const [member, other] = await cluster.followers();
    if (member === undefined || other === undefined) throw new Error('there are two followers');
    await write(cluster.someone(), 'k1', 'before');
    await cluster.caughtUp(member);
    await member.kill();
    const path = join(member.logDir, first((await named(member.logDir, logs)).slice(-1)));
    await truncate(path, Math.floor((await readFile(path)).length * 0.9));
    // It cannot know by itself; the first word from the leader tells.
    await member.start();
    t.is(await member.ended(20_000), 1);
    t.regex(member.output, /acknowledged entries up to \d+ and now has \d+/);
    await write(other, 'k2', 'the others go on');
    t.is(await read(cluster.someone(), 'k2'), 'the others go on');
  });
});

test.serial('a member whose disk is gone is not taken back under its old number, but under a new one', async (t) => {
  await withFiles(async (cluster) => {
    const [member] = await cluster.followers();
    if (member === undefined) throw new Error('there are two followers');
    const old = await cluster.raftId(member);
    await member.kill();
    await rm(member.stateDir, { recursive: true });
    const error = await t.throwsAsync(member.start({ join: cluster.someone().options.peerListen }));
    t.regex(error?.message ?? '', /already/);
    await rm(member.stateDir, { recursive: true, force: true });
    await (await cluster.leader()).managers.removeManager({ raftId: old });
    await member.start({ join: cluster.someone().options.peerListen });
    await cluster.voter(member);
    t.not(await cluster.raftId(member), old);
    t.is(await read(member, 'k1'), await read(cluster.someone(), 'k1'));
  });
});
