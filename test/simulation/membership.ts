import type { Chance } from './chance.ts';
import type { Cluster } from './cluster.ts';
import type { ConfChange, ConfState, NodeId } from './core-door.ts';
import type { SimulatedMember } from './member.ts';

const maxNodes = 14;

const halves = (confState: ConfState): readonly (readonly NodeId[])[] => [confState.voters, confState.votersOutgoing];

/** Whether the voters whose disks are not gone can still decide. */
export const canDecide = (cluster: Cluster, confState: ConfState, without?: NodeId): boolean =>
  halves(confState).every((half) => {
    const living = half.filter((id) => id !== without && cluster.nodes.get(id)?.dead === false);
    return half.length === 0 || living.length > half.length / 2;
  });

/** Whether its disk may go without the others losing their quorum, whichever members each of them knows of. */
export const isDispensable = (cluster: Cluster, node: SimulatedMember): boolean =>
  !node.dead && cluster.all().every((other) => canDecide(cluster, other.confState, node.id));

/** Whoever lost its disk comes back under a new id, as a learner. */
export const replace = (cluster: Cluster, node: SimulatedMember): void => {
  if (cluster.nodes.size >= maxNodes) return;
  const rejoined = cluster.newcomer();
  const change: ConfChange = {
    transition: 'auto',
    steps: [
      { kind: 'remove', id: node.id },
      { kind: 'add-learner', id: rejoined.id },
    ],
  };
  cluster.leader()?.changeMembers(change);
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

/** Asks the leader, or sometimes somebody else, for a change of members that the leader's configuration allows. */
export const churn = (cluster: Cluster, chance: Chance): void => {
  const leader = cluster.leader();
  if (leader === undefined) return;
  const change = changeFor(cluster, chance, leader.confState);
  if (change === undefined) return;
  cluster.say(() => `node ${leader.id} is asked for ${JSON.stringify(change)}`);
  const other = chance.happens(0.2) ? (chance.pick(cluster.running()) ?? leader) : leader;
  // What is passed on may come late: an addition would bring back an id that was removed meanwhile, which nobody may ever do.
  const mayBeLate = change.steps.every(({ kind }) => kind === 'remove');
  (mayBeLate ? other : leader).changeMembers(change);
};
