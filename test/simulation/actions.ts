import { Chance } from './chance.ts';
import type { Cluster } from './cluster.ts';
import type { ConfChange, ConfState, NodeId } from './core-door.ts';
import { calm } from './network.ts';
import type { SimulatedNode } from './node.ts';
import type { Action } from './schedule.ts';
import { holds } from './violation.ts';

const maxNodes = 14;

const halves = (confState: ConfState): readonly (readonly NodeId[])[] => [confState.voters, confState.votersOutgoing];

/** Whether the voters whose disks are not gone can still decide. */
export const canDecide = (cluster: Cluster, confState: ConfState, without?: NodeId): boolean =>
  halves(confState).every((half) => {
    const living = half.filter((id) => id !== without && cluster.nodes.get(id)?.dead === false);
    return half.length === 0 || living.length > half.length / 2;
  });

const isolate = (cluster: Cluster, group: readonly NodeId[]): void => {
  for (const a of cluster.nodes.keys())
    for (const b of cluster.nodes.keys()) if (group.includes(a) !== group.includes(b)) cluster.network.cutLink(a, b);
};

const wipe = (cluster: Cluster, node: SimulatedNode): void => {
  if (node.dead || !cluster.all().every((other) => canDecide(cluster, other.confState, node.id))) return;
  node.wipe();
  if (cluster.nodes.size >= maxNodes) return;
  const rejoined = cluster.newcomer();
  const change: ConfChange = {
    transition: 'auto',
    steps: [
      { kind: 'remove', id: node.id },
      { kind: 'add-learner', id: rejoined.id },
    ],
  };
  cluster.leader()?.act((core) => core.proposeConfChange(change));
};

const changeFor = (cluster: Cluster, chance: Chance, confState: ConfState): ConfChange | undefined => {
  const { voters, votersOutgoing, learners } = confState;
  const transition = chance.pick(['auto', 'auto', 'implicit', 'explicit'] as const) ?? 'auto';
  if (votersOutgoing.length > 0) return cluster.core.leaveJoint;
  const gone = voters.find((id) => cluster.nodes.get(id)?.dead === true);
  if (gone !== undefined) return { transition, steps: [{ kind: 'remove', id: gone }] };
  const learner = chance.pick(learners.filter((id) => cluster.nodes.get(id)?.dead === false));
  if (learner !== undefined && chance.happens(0.6)) {
    const leaving = chance.pick(voters);
    if (leaving !== undefined && chance.happens(0.4))
      return {
        transition,
        steps: [
          { kind: 'add-voter', id: learner },
          { kind: chance.happens(0.5) ? 'remove' : 'add-learner', id: leaving },
        ],
      };
    return { transition, steps: [{ kind: 'add-voter', id: learner }] };
  }
  if (cluster.nodes.size < maxNodes && chance.happens(0.6))
    return { transition, steps: [{ kind: 'add-learner', id: cluster.newcomer().id }] };
  const leaving = chance.pick([...voters, ...learners]);
  if (leaving === undefined || voters.length <= 1) return undefined;
  const kind = learners.includes(leaving) || chance.happens(0.6) ? 'remove' : 'add-learner';
  return { transition, steps: [{ kind, id: leaving }] };
};

const churn = (cluster: Cluster, chance: Chance): void => {
  const leader = cluster.leader();
  if (leader === undefined) return;
  const change = changeFor(cluster, chance, leader.confState);
  if (change === undefined) return;
  cluster.say(() => `node ${leader.id} is asked for ${JSON.stringify(change)}`);
  const proposer = chance.happens(0.2) ? (chance.pick(cluster.running()) ?? leader) : leader;
  proposer.act((core) => core.proposeConfChange(change));
};

/** Messages that make no sense: refused, and nothing else. */
const garbage = (cluster: Cluster, chance: Chance, node: SimulatedNode): void => {
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
  const result = node.act((core) => core.step(bad));
  holds(result === undefined || !result.accepted, 18, () => `node ${node.id} takes a ${bad.type} that makes no sense`);
};

/** Does one thing of the schedule. */
export const perform = (cluster: Cluster, action: Action): void => {
  const { network, clients } = cluster;
  const chance = new Chance(action.pick);
  const node = chance.pick(cluster.running());
  const leader = cluster.leader();
  const target = leader !== undefined && chance.happens(0.6) ? leader : node;
  cluster.say(() => `action ${action.number} ${action.kind} (node ${node?.id}, leader ${leader?.id})`);
  switch (action.kind) {
    case 'write':
      if (target) clients.write(target);
      return;
    case 'cas':
      if (target) clients.cas(target);
      return;
    case 'read':
      if (target) clients.read(target);
      return;
    case 'burst':
      for (let count = 0; count < 10 && target?.up; count += 1) clients.write(target);
      return;
    case 'crash':
      node?.crash();
      return;
    case 'crash-leader':
      leader?.crash();
      return;
    case 'restart': {
      const down = cluster.all().filter((other) => !other.up && !other.dead);
      if (chance.happens(0.3)) for (const other of down) other.start();
      else chance.pick(down)?.start();
      return;
    }
    case 'split':
      isolate(
        cluster,
        [...cluster.nodes.keys()].filter(() => chance.happens(0.5)),
      );
      return;
    case 'isolate-leader':
      if (leader) isolate(cluster, [leader.id]);
      return;
    case 'cut-one-way': {
      const other = chance.pick(cluster.all());
      if (node && other) network.cutLink(node.id, other.id);
      return;
    }
    case 'clog': {
      const other = chance.pick(cluster.all());
      if (node && other) network.clog(node.id, other.id);
      return;
    }
    case 'heal':
      network.heal();
      return;
    case 'storm':
      network.weather = {
        drop: chance.pick([0, 0.05, 0.3]) ?? 0,
        duplicate: chance.pick([0, 0.1, 0.5]) ?? 0,
        slowest: chance.pick([10, 80, 400]) ?? 10,
      };
      return;
    case 'calm':
      network.weather = calm;
      return;
    case 'churn':
      churn(cluster, chance);
      return;
    case 'transfer': {
      const to = chance.pick(cluster.all());
      if (leader && to) leader.act((core) => core.transferLeadership(to.id));
      return;
    }
    case 'wipe':
      if (node) wipe(cluster, node);
      return;
    case 'campaign':
      node?.act((core) => core.campaign());
      return;
    case 'forget-leader':
      node?.act((core) => core.forgetLeader());
      return;
    case 'garbage':
      if (node) garbage(cluster, chance, node);
      return;
    case 'replay-old':
      for (let count = 0; count < 5; count += 1) network.replay();
      return;
    case 'slow-disk':
      if (node) node.slowDiskUntil = cluster.agenda.now + 2000;
      return;
    default:
      action.kind satisfies never;
  }
};
