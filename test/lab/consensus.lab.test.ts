// Managers in network namespaces of their own, mutual TLS between them, links that are cut. The rest of these tests needs no root:
// test/consensus.
import test, { type ExecutionContext } from 'ava';
import type { ManagerProcess } from '../consensus/manager-process.ts';
import { NamespaceSite } from '../consensus/namespace-site.ts';
import { recorded, type Scene } from '../consensus/run.ts';
import { eventually } from './support/eventually.ts';

interface Cut extends Scene {
  readonly site: NamespaceSite;
  ids(members: readonly ManagerProcess[]): readonly string[];
  except(...members: readonly ManagerProcess[]): readonly string[];
}

const withLinks = async (t: ExecutionContext, size: number, faults: (scene: Cut) => Promise<void>): Promise<void> => {
  const site = await NamespaceSite.create(Array.from({ length: size + 1 }, (_, index) => `n${index + 1}`));
  try {
    await recorded(t, { size, site, atLeast: 800, clients: 2 * size, deadlineMs: 8_000 }, async (scene) => {
      const ids = (members: readonly ManagerProcess[]) => members.map(({ nodeId }) => nodeId);
      await faults({ ...scene, site, ids, except: (...gone) => ids(scene.cluster.members.filter((it) => !gone.includes(it))) });
    });
  } finally {
    await site.destroy();
  }
};

/** The leader that these see: one of them. */
const leaderAmong = (scene: Cut, ids: readonly string[]): Promise<ManagerProcess> =>
  eventually(`a leader among ${ids.join(', ')}`, async () => {
    for (const id of ids) {
      const reply = await scene.cluster.list(scene.cluster.member(id));
      const leads = reply.managers.find(({ manager }) => manager.raftId === reply.leader)?.manager.nodeId;
      if (leads !== undefined && ids.includes(leads)) return scene.cluster.member(leads);
    }
    return undefined;
  });

test.serial('a leader cut off from all others is replaced, and answers nothing old', async (t) => {
  await withLinks(t, 3, async (scene) => {
    const { cluster, clients, site, ids, except } = scene;
    for (let turn = 0; turn < 3; turn += 1) {
      const leader = await cluster.leader();
      await site.cut(ids([leader]), except(leader));
      const next = await leaderAmong(scene, except(leader));
      t.not(next.nodeId, leader.nodeId);
      await clients.progress(100, `while the former leader ${leader.nodeId} is cut off`);
      await site.heal();
      await clients.progress(60, `after ${leader.nodeId} is reached again`);
    }
  });
});

test.serial('two of five cut off, with and without the leader among them: the three go on', async (t) => {
  await withLinks(t, 5, async (scene) => {
    const { cluster, clients, site, ids, except } = scene;
    for (let turn = 0; turn < 4; turn += 1) {
      const leader = await cluster.leader();
      const [one, two] = await cluster.followers();
      if (one === undefined || two === undefined) throw new Error('there are four followers');
      const minority = turn % 2 === 0 ? [leader, one] : [one, two];
      await site.cut(ids(minority), except(...minority));
      await leaderAmong(scene, except(...minority));
      await clients.progress(80, `while ${ids(minority).join(' and ')} are cut off`);
      await site.heal();
      await clients.progress(60, 'after the cut is healed');
    }
  });
});

test.serial('links cut in one direction alone: a leader that is not heard steps aside, one that does not hear too', async (t) => {
  await withLinks(t, 3, async (scene) => {
    const { cluster, clients, site, except } = scene;
    for (const mute of [true, false, true, false]) {
      const leader = await cluster.leader();
      for (const other of except(leader)) {
        if (mute) await site.cutOneWay(leader.nodeId, other);
        else await site.cutOneWay(other, leader.nodeId);
      }
      await leaderAmong(scene, except(leader));
      await clients.progress(80, `while ${leader.nodeId} ${mute ? 'is not heard' : 'does not hear'}`);
      await site.heal();
      await clients.progress(60, 'after the cut is healed');
    }
  });
});

test.serial('one link between leader and follower cut, the rest in order: work goes on', async (t) => {
  await withLinks(t, 3, async ({ cluster, clients, site }) => {
    for (let turn = 0; turn < 3; turn += 1) {
      const leader = await cluster.leader();
      const [follower] = await cluster.followers();
      if (follower === undefined) throw new Error('there is no follower');
      await site.cut([leader.nodeId], [follower.nodeId]);
      await clients.progress(150, `while ${leader.nodeId} and ${follower.nodeId} do not reach each other`);
      await site.heal();
      await clients.progress(60, 'after the cut is healed');
    }
  });
});

test.serial('links that come and go, with members killed and stopped meanwhile', async (t) => {
  await withLinks(t, 5, async (scene) => {
    const { cluster, clients, site, chance, somebody, except } = scene;
    for (let turn = 0; turn < 6; turn += 1) {
      for (let flap = 0; flap < 4; flap += 1) {
        const one = somebody();
        const other = chance.pick(except(one)) ?? '';
        if (chance.happens(0.5)) await site.cut([one.nodeId], [other]);
        else await site.cutOneWay(one.nodeId, other);
        if (chance.happens(0.5)) await clients.progress(10, 'while links come and go').catch(() => undefined);
        if (chance.happens(0.4)) await site.heal();
      }
      const victim = chance.happens(0.5) ? somebody() : undefined;
      const dies = chance.happens(0.5);
      if (dies) await victim?.kill();
      else victim?.pause();
      await site.heal();
      await clients.progress(60, `with all links and ${victim === undefined ? 'all members' : `without ${victim.nodeId}`}`);
      if (dies) await victim?.start();
      else victim?.resume();
    }
    await cluster.settled();
  });
});
