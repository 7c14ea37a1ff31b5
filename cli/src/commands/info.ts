import type { ClusterInfo } from '@tso/proto';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import type { EngineInfo } from '../engine-client.ts';
import { exitCodes } from '../exit-codes.ts';
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
  ...(info.Tso === undefined ? {} : { details: info.Tso }),
});

const clusterOf = (cluster: ClusterInfo) => ({
  id: cluster.clusterId,
  version: cluster.version,
  nodes: { total: cluster.nodes, ready: cluster.nodesReady },
  stacks: cluster.stacks,
  services: cluster.services,
  tasks: { total: cluster.tasks, running: cluster.tasksRunning },
  engineVersion: cluster.engineVersion,
});

const rows = (info: EngineInfo, cluster: ClusterInfo | undefined): readonly (readonly [string, string])[] => [
  ['Host', info.Name],
  ['Daemon', info.ServerVersion],
  ['Runtime', info.DefaultRuntime ?? ''],
  ['Storage', info.Driver ?? ''],
  ['Cgroups', info.CgroupVersion === undefined ? '' : `v${info.CgroupVersion}`],
  ['Images', String(info.Images ?? 0)],
  ['Containers', `${info.ContainersRunning ?? 0} running`],
  ['Data', info.DataDir ?? ''],
  ['Run', info.RunDir ?? ''],
  ['Cluster', cluster === undefined ? `${info.Swarm.LocalNodeState} (tso init, or tso up, starts one)` : cluster.clusterId],
  ...(cluster === undefined
    ? []
    : ([
        ['Node', info.Swarm.NodeID],
        ['Nodes', `${cluster.nodesReady} of ${cluster.nodes} ready`],
        ['Stacks', String(cluster.stacks)],
        ['Services', String(cluster.services)],
        ['Tasks', `${cluster.tasksRunning} of ${cluster.tasks} running`],
      ] as const)),
];

const showInfo = async ({ io, engine, context, json }: Call<object>): Promise<number> => {
  const info = await engine.call<EngineInfo>({ method: 'GET', path: '/info' });
  let cluster: ClusterInfo | undefined;
  if (info.Swarm.LocalNodeState === 'active') {
    const { withControl } = await import('../control-client.ts');
    cluster = await withControl(context, io.uid, (control) => control.getInfo({}));
  }
  if (json) io.stdout.write(jsonDocument({ node: nodeOf(info), cluster: cluster === undefined ? null : clusterOf(cluster) }));
  else
    io.stdout.write(
      rows(info, cluster)
        .map(([name, value]) => `${`${name}:`.padEnd(12)} ${value}`.trimEnd().concat('\n'))
        .join(''),
    );
  return exitCodes.done;
};

export const registerInfo: Registrar = (program, host) => {
  const command = program.command('info').description('this host and its cluster').addOption(formatOption()).action(host.act(showInfo));
  addPlaceOptions(command);
  example(command, 'tso info', 'tso info --format json');
};
