import { Chance } from './chance.ts';
import type { Cluster } from './cluster.ts';
import type { NodeId } from './core-door.ts';
import type { SimulatedMember } from './member.ts';
import { churn, isDispensable, replace } from './membership.ts';
import { calm } from './network.ts';
import type { Action, ActionKind } from './schedule.ts';
import { holds } from './violation.ts';

interface Scene {
  readonly cluster: Cluster;
  readonly chance: Chance;
  /** Somebody who runs. */
  readonly node: SimulatedMember | undefined;
  readonly leader: SimulatedMember | undefined;
  /** Whom a client asks: mostly the leader. */
  readonly target: SimulatedMember | undefined;
}

const ids = ({ cluster }: Scene): readonly NodeId[] => [...cluster.nodes.keys()];

const isolate = (scene: Scene, group: readonly NodeId[]): void => {
  const { network, coverage } = scene.cluster;
  coverage.add('partitions');
  for (const a of ids(scene)) for (const b of ids(scene)) if (group.includes(a) !== group.includes(b)) network.cutLink(a, b);
};

/** One node reaches both halves, which do not reach each other. */
const bridge = (scene: Scene): void => {
  const { network, coverage } = scene.cluster;
  const { chance } = scene;
  const between = chance.pick(ids(scene));
  const left = ids(scene).filter(() => chance.happens(0.5));
  coverage.add('partitions');
  for (const a of ids(scene))
    for (const b of ids(scene)) if (a !== between && b !== between && left.includes(a) !== left.includes(b)) network.cutLink(a, b);
};

/** It is heard and hears nobody, or the other way round. */
const cutOneWay = (scene: Scene, id: NodeId, hears: boolean): void => {
  const { network, coverage } = scene.cluster;
  coverage.add('partitions');
  for (const other of ids(scene)) network.cutLink(hears ? id : other, hears ? other : id);
};

const pause = ({ cluster, chance }: Scene, node: SimulatedMember): void => {
  cluster.coverage.add('pauses');
  node.pausedUntil = cluster.agenda.now + chance.between(200, 3000);
};

/** Messages that make no sense: refused, and nothing else. */
const garbage = ({ cluster, chance }: Scene, node: SimulatedMember): void => {
  const { message } = cluster.core;
  const from = chance.pick([...cluster.nodes.keys()].filter((id) => id !== node.id)) ?? 99;
  const bad = chance.pick([
    message('MsgApp', { from, to: node.id + 1, term: 1 }),
    message('MsgApp', { from, to: node.id, term: Number.NaN, index: 1 }),
    message('MsgHeartbeat', { from, to: node.id }),
    message('MsgSnap', { from, to: node.id, term: 1_000 }),
    message('MsgApp', { from, to: node.id, term: 1, index: -3 }),
    message('MsgAppResp', { from: 12_345, to: node.id, term: 1, index: 2 }),
    message('MsgVoteResp', { from: 12_345, to: node.id, term: 1 }),
    message('MsgHup', { from, to: node.id, term: 1 }),
  ]);
  if (bad === undefined) return;
  holds(!node.takesGarbage(bad), 18, () => `node ${node.id} takes a ${bad.type} that makes no sense`);
};

const loseDisk = ({ cluster }: Scene, node: SimulatedMember, how: () => void): void => {
  if (!isDispensable(cluster, node)) return;
  how();
  if (node.dead) replace(cluster, node);
};

const restart = ({ cluster, chance }: Scene): void => {
  const down = cluster.all().filter((other) => !other.up && !other.dead);
  if (chance.happens(0.3)) for (const other of down) other.start();
  else chance.pick(down)?.start();
};

const storm = ({ cluster, chance }: Scene): void => {
  cluster.network.weather = {
    drop: chance.pick([0, 0.05, 0.3]) ?? 0,
    duplicate: chance.pick([0, 0.1, 0.5]) ?? 0,
    slowest: chance.pick([10, 80, 400]) ?? 10,
  };
};

const onNode =
  (what: (scene: Scene, node: SimulatedMember) => void) =>
  (scene: Scene): void => {
    if (scene.node !== undefined) what(scene, scene.node);
  };

const onLeader =
  (what: (scene: Scene, leader: SimulatedMember) => void) =>
  (scene: Scene): void => {
    if (scene.leader !== undefined) what(scene, scene.leader);
  };

const onTarget =
  (what: (scene: Scene, target: SimulatedMember) => void) =>
  (scene: Scene): void => {
    if (scene.target !== undefined) what(scene, scene.target);
  };

const onPair =
  (what: (scene: Scene, node: SimulatedMember, other: SimulatedMember) => void) =>
  (scene: Scene): void => {
    const other = scene.chance.pick(scene.cluster.all());
    if (scene.node !== undefined && other !== undefined) what(scene, scene.node, other);
  };

const performers: Readonly<Record<ActionKind, (scene: Scene) => void>> = {
  write: onTarget(({ cluster }, target) => cluster.clients.write(target)),
  cas: onTarget(({ cluster }, target) => cluster.clients.cas(target)),
  read: onTarget(({ cluster }, target) => cluster.clients.read(target)),
  'read-everywhere': ({ cluster }) => {
    for (const node of cluster.running()) cluster.clients.read(node);
  },
  burst: onTarget(({ cluster }, target) => {
    for (let count = 0; count < 10 && target.up; count += 1) cluster.clients.write(target);
  }),
  crash: onNode((_, node) => node.crash()),
  'crash-leader': onLeader((_, leader) => leader.crash()),
  'crash-in-disk': onTarget(({ chance }, target) => target.arm('power-cut', chance.between(1, 14))),
  'disk-fails': onTarget(({ chance }, target) => target.arm('EIO', chance.between(1, 6))),
  'disk-full': onTarget(({ chance }, target) => target.arm('ENOSPC', chance.between(1, 6))),
  'bit-flip': onNode((scene, node) => loseDisk(scene, node, () => node.damage(scene.chance))),
  restart,
  pause: onNode(pause),
  'pause-leader': onLeader(pause),
  split: (scene) =>
    isolate(
      scene,
      ids(scene).filter(() => scene.chance.happens(0.5)),
    ),
  bridge,
  'isolate-leader': onLeader((scene, leader) => isolate(scene, [leader.id])),
  'deaf-leader': onLeader((scene, leader) => cutOneWay(scene, leader.id, scene.chance.happens(0.5))),
  'cut-one-way': onPair(({ cluster }, node, other) => {
    cluster.coverage.add('partitions');
    cluster.network.cutLink(node.id, other.id);
  }),
  clog: onPair(({ cluster, chance }, node, other) => cluster.network.clog(node.id, other.id, chance.between(300, 4000))),
  heal: ({ cluster }) => {
    cluster.network.heal();
    for (const node of cluster.all()) node.healDisk();
  },
  storm,
  calm: ({ cluster }) => {
    cluster.network.weather = calm;
  },
  drift: onNode(({ chance }, node) => {
    node.tickMs = chance.between(20, 150);
  }),
  churn: ({ cluster, chance }) => churn(cluster, chance),
  'churn-twice': ({ cluster, chance }) => {
    churn(cluster, chance);
    cluster.agenda.plan(chance.between(5, 120), () => churn(cluster, chance));
  },
  transfer: onLeader(({ cluster, chance }, leader) => {
    const to = chance.pick(cluster.all());
    if (to === undefined) return;
    cluster.coverage.add('transfers asked for');
    leader.transfer(to.id);
  }),
  wipe: onNode((scene, node) => loseDisk(scene, node, () => node.wipe())),
  campaign: onNode((_, node) => node.campaign()),
  'campaign-all': ({ cluster }) => {
    for (const node of cluster.running()) node.campaign();
  },
  'forget-leader': onNode((_, node) => node.forgetLeader()),
  garbage: onNode(garbage),
  'replay-old': ({ cluster }) => {
    for (let count = 0; count < 5; count += 1) cluster.network.replay();
  },
  'slow-disk': onNode(({ cluster }, node) => {
    node.slowDiskUntil = cluster.agenda.now + 2000;
  }),
  'slow-apply': onNode(({ cluster }, node) => {
    node.slowApplyUntil = cluster.agenda.now + 2500;
  }),
};

/** Does one thing of the schedule. */
export const perform = (cluster: Cluster, action: Action): void => {
  const chance = new Chance(action.pick);
  const node = chance.pick(cluster.running());
  const leader = cluster.leader();
  const target = leader !== undefined && chance.happens(0.6) ? leader : node;
  cluster.say(() => `action ${action.number} ${action.kind} (node ${node?.id}, leader ${leader?.id})`);
  performers[action.kind]({ cluster, chance, node, leader, target });
};
