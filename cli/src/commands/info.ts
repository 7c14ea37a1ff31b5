import { type ClusterInfo, TsoError } from '@tso/proto';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import type { EngineInfo } from '../engine-client.ts';
import { exitCodes } from '../exit-codes.ts';
import { failureSentence } from '../failure.ts';
import { jsonDocument } from '../output/json.ts';

const nodeOf = (info: EngineInfo) => ({
  id: info.Swarm.NodeID || info.ID,
  name: info.Name,
  engineVersion: info.ServerVersion,
  driver: info.Driver ?? '',
  images: info.Images ?? 0,
  containersRunning: info.ContainersRunning ?? 0,
  cgroupVersion: info.CgroupVersion ?? '',
  defaultRuntime: info.DefaultRuntime ?? '',
  dataDir: info.DataDir ?? '',
  runDir: info.RunDir ?? '',
  clusterState: info.Swarm.LocalNodeState,
  clusterError: info.Swarm.Error ?? '',
  address: info.Swarm.NodeAddr ?? '',
  manager: isManager(info),
  managers: (info.Swarm.RemoteManagers ?? []).map(({ NodeID, Addr }) => ({ nodeId: NodeID, address: Addr })),
  ...(info.Tso === undefined ? {} : { details: info.Tso }),
});

/** A daemon that does not say is one of a single host, which is its own manager. */
const isManager = ({ Swarm }: EngineInfo): boolean => Swarm.ControlAvailable ?? Swarm.LocalNodeState === 'active';

const clusterOf = (cluster: ClusterInfo) => ({
  id: cluster.clusterId,
  version: cluster.version,
  nodes: { total: cluster.nodes, ready: cluster.nodesReady },
  managers: { total: cluster.managers, reachable: cluster.managersReachable },
  leader: cluster.leader,
  answeredBy: cluster.answeredBy,
  autolock: cluster.autolock,
  stacks: cluster.stacks,
  services: cluster.services,
  tasks: { total: cluster.tasks, running: cluster.tasksRunning },
  engineVersion: cluster.engineVersion,
});

const hostLines = (info: EngineInfo): readonly (readonly [string, string])[] => [
  ['Host', info.Name],
  ['Daemon', info.ServerVersion],
  ['Runtime', info.DefaultRuntime ?? ''],
  ['Storage', info.Driver ?? ''],
  ['Cgroups', info.CgroupVersion === undefined ? '' : `v${info.CgroupVersion}`],
  ['Images', String(info.Images ?? 0)],
  ['Containers', `${info.ContainersRunning ?? 0} running`],
  ['Data', info.DataDir ?? ''],
  ['Run', info.RunDir ?? ''],
  ['Address', info.Swarm.NodeAddr ?? ''],
];

/** What the cluster says of itself, or why it does not: this command is what one types when something is wrong, so that is no failure. */
const askCluster = async (
  { context, io }: Call<object>,
  info: EngineInfo,
): Promise<{ readonly cluster?: ClusterInfo; readonly error: string }> => {
  if (info.Swarm.LocalNodeState !== 'active' || !isManager(info)) return { error: info.Swarm.Error ?? '' };
  const { withControl } = await import('../control-client.ts');
  try {
    return { cluster: await withControl(context, io.uid, (control) => control.getInfo({})), error: '' };
  } catch (error) {
    if (!(error instanceof TsoError)) throw error;
    // It may have become something else meanwhile: locked, or a worker.
    const isAbsent = error.code === 'UNAVAILABLE' || error.code === 'DEADLINE_EXCEEDED' || error.details.nodeState !== undefined;
    if (!isAbsent) throw error;
    return { error: failureSentence(error) };
  }
};

/** Managers elsewhere answer for the cluster; of the host that is typed on there is nothing to say. */
const showRemote = async ({ context, io, json }: Call<object>): Promise<number> => {
  const { withControl } = await import('../control-client.ts');
  const cluster = await withControl(context, io.uid, (control) => control.getInfo({}));
  if (json) {
    io.stdout.write(jsonDocument({ node: null, cluster: clusterOf(cluster) }));
    return exitCodes.done;
  }
  const { clusterLines } = await import('../view-model/info-text.ts');
  const membership = { state: 'active', nodeId: '', error: '', manager: true, managers: [] };
  io.stdout.write(linesOf(clusterLines(membership, cluster).filter(([, value]) => value !== '')));
  return exitCodes.done;
};

const linesOf = (lines: readonly (readonly [string, string])[]): string =>
  lines.map(([name, value]) => `${`${name}:`.padEnd(12)} ${value}`.trimEnd().concat('\n')).join('');

const showInfo = async (call: Call<object>): Promise<number> => {
  const { io, engine, json, context } = call;
  if (context.remote !== undefined) return showRemote(call);
  const info = await engine.call<EngineInfo>({ method: 'GET', path: '/info' });
  const { cluster, error } = await askCluster(call, info);
  if (json) {
    const said = cluster === undefined ? null : clusterOf(cluster);
    io.stdout.write(jsonDocument({ node: { ...nodeOf(info), clusterError: error }, cluster: said }));
    return exitCodes.done;
  }
  const { clusterLines } = await import('../view-model/info-text.ts');
  const membership = {
    state: info.Swarm.LocalNodeState,
    nodeId: info.Swarm.NodeID,
    error,
    manager: isManager(info),
    managers: (info.Swarm.RemoteManagers ?? []).map(({ Addr }) => Addr),
  };
  const lines = [...hostLines(info).filter(([name, value]) => name !== 'Address' || value !== ''), ...clusterLines(membership, cluster)];
  io.stdout.write(linesOf(lines));
  return exitCodes.done;
};

export const registerInfo: Registrar = (program, host) => {
  const command = program.command('info').description('this host and its cluster').addOption(formatOption()).action(host.act(showInfo));
  addPlaceOptions(command);
  example(command, 'tso info', 'tso info --format json');
};
