import { TsoError } from '@tso/proto';
import test from 'ava';
import { Cluster } from './cluster.ts';
import { failureOf, RegisterClient } from './register.ts';

test.serial(
  'with two of three gone for good nothing is promised; a forced new cluster has all data and takes new members alone',
  async (t) => {
    const cluster = await Cluster.start({ size: 3 });
    try {
      const written = new Map<string, string>();
      const [survivor, ...gone] = cluster.members;
      if (survivor === undefined) throw new Error('three members were started');
      const client = new RegisterClient(survivor.target);
      for (let turn = 0; turn < 200; turn += 1) {
        await client.write(`k${turn % 50}`, `v${turn}`, 10_000);
        written.set(`k${turn % 50}`, `v${turn}`);
      }
      for (const member of gone) await member.kill();

      const refused = await t.throwsAsync(client.write('k1', 'too late', 30_000), { instanceOf: TsoError });
      t.regex(refused?.sentence ?? '', /majority|leader/);
      t.true(['refused', 'unknown'].includes(failureOf(refused)));
      // It does not lead any more by now: it waits for a leader, then says for certain that nothing was done.
      const [certain, unread] = await Promise.all([
        t.throwsAsync(client.write('k1', 'too late as well', 30_000), { instanceOf: TsoError }),
        t.throwsAsync(client.read('k1', 30_000), { instanceOf: TsoError }),
      ]);
      t.is(failureOf(certain), 'refused', certain?.sentence);
      t.regex(certain?.sentence ?? '', /leader|majority/);
      t.regex(unread?.sentence ?? '', /majority|leader/);
      client.close();

      await survivor.stop();
      const before = survivor.output.length;
      await survivor.start({}, ['--force-new-cluster']);
      t.regex(survivor.output.slice(Math.min(before, survivor.output.length - 1)), /may be (missing|lost)|missing|lost/);
      const again = new RegisterClient(survivor.target);
      for (const [key, value] of written) {
        const held = await again.read(key, 10_000);
        // What was asked for after the majority was gone may have been kept: nobody was told that it was not.
        if (key === 'k1') t.true([value, 'too late', 'too late as well'].includes(held.value ?? ''), held.value ?? 'null');
        else t.is(held.value, value, key);
      }
      await again.write('new', 'life', 10_000);

      // One of the old ones comes back: two would still be a majority of the old group, which nobody here could forbid them.
      const [old] = gone;
      if (old === undefined) throw new Error('three members were started');
      for (const member of gone) cluster.members.splice(cluster.members.indexOf(member), 1);
      await old.start().catch(() => undefined); // It may say at once that it has no place any more.
      const four = await cluster.add();
      await cluster.add();
      const { managers, term } = await cluster.list(survivor);
      t.is(managers.filter(({ voter }) => voter).length, 3);
      await again.write('newer', 'life', 10_000);
      const late = new RegisterClient(four.target);
      t.is((await late.read('new', 10_000)).value, 'life');
      t.is((await cluster.list(survivor)).term, term, 'those of the old group disturb nobody');
      const stray = new RegisterClient(old.target);
      await t.throwsAsync(stray.write('k2', 'from the old group', 15_000));
      stray.close();
      t.is((await late.read('k2', 10_000)).value, written.get('k2') ?? '');
      late.close();
      again.close();
    } finally {
      await cluster.destroy();
    }
  },
);
