import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { service, stack, type World, withManager } from '../manager-fixture.ts';

const auditFile = (world: World): string => join(world.directory, 'state', 'audit.log');

/** The lines, once there are as many. */
const lines = async (world: World, count: number): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  for (const end = Date.now() + 5_000; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
    const found = (await readFile(auditFile(world), 'utf8')).split('\n').filter((line) => line !== '');
    if (found.length >= count) return found.map((line) => JSON.parse(line));
    if (Date.now() > end) throw new Error(`waited 5 s for ${count} lines, there are ${found.length}`);
  }
};

test('what is asked of a manager stands in its audit log, once, through a restart, and a key is answered again after it', (t) =>
  withManager(async (world) => {
    const spec = stack(service('web', 2));
    const request = { spec, dryRun: false, removeOrphans: false, services: [], files: [], declared: [] };
    const headers = { 'tso-actor': 'ana', 'idempotency-key': 'k1' };
    const first = await world.control.applyStack(request, { headers });
    await world.control.putConfig({ name: 'key', data: Buffer.from('the password'), labels: {} });
    await world.control.applyStack({ ...request, dryRun: true });
    await world.control.applyStack(request);
    await lines(world, 2);
    await world.restart();
    t.deepEqual(await world.control.applyStack(request, { headers }), first);
    await world.control.removeConfig({ name: 'key' });
    const found = await lines(world, 3);
    t.deepEqual(
      found.map(({ actor, source, target, requestId }) => [actor, source, target, requestId]),
      [
        ['ana', 'socket', 'stack shop', 'k1'],
        ['root', 'socket', 'config key', ''],
        ['root', 'socket', 'config key', ''],
      ],
    );
    t.is(found[0]?.index, first.version);
    t.notRegex(await readFile(auditFile(world), 'utf8'), /password/);
    t.is((await stat(auditFile(world))).mode & 0o777, 0o600);
  }));
