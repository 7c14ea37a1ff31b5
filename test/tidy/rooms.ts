import type { Room } from './doors.ts';
import type { PureRoom } from './purity.ts';
import type { Spawner } from './style.ts';

/** Where time, chance and the machine may not come in. */
export const pureRooms: readonly PureRoom[] = [
  {
    files: [
      'proto/src/{address,architecture,assert,codec,constraint,cron,defaults,device-rule,errors,file-bounds,ids,image-reference,ingress-change,ip,join-token,linux-names,list-change,network-change,port-trouble,ports,task-notes,task-state,version}.ts',
    ],
    except: [],
    reason: 'every room speaks this vocabulary, the simulated ones too',
  },
  {
    files: ['compose/src/**/*.ts'],
    except: ['compose/src/{files,index}.ts'],
    reason: 'the same files and environment must give the same stack on every machine',
  },
  {
    files: ['manager/src/store/**/*.ts'],
    except: ['manager/src/store/watch.ts'],
    reason: 'every manager applies the same log and must end with the same store',
  },
  {
    files: ['manager/src/raft/core/**/*.ts'],
    except: [],
    reason: 'a run of the consensus core must follow from its calls alone, or no simulation could replay what went wrong',
  },
  {
    files: [
      'manager/src/raft/io/{outcome,applied-waiters,command-queue,pending-commands,pending-reads}.ts',
      'manager/src/replication/{member-rules,sole-manager,transactions}.ts',
    ],
    except: [],
    reason: 'who is answered what, and who is a member, is decided from values; the driver beside has the timers',
  },
  {
    files: ['manager/src/{planner,moves-ahead,plans-ahead}.ts', 'manager/src/{orchestrator,allocator,scheduler,rules}/**/*.ts'],
    except: [],
    reason: 'a plan must follow from the store, the instant and the seed alone, or a failing run cannot be replayed',
  },
  {
    files: [
      'manager/src/dispatcher/{acceptance,admission,assignments,doomed-volumes,endpoints,grace,ingress-shares,network-shares,node-role,node-states,service-names,session-update,sessions,shares,status-batch,tunnel-peers,usage-book}.ts',
      'manager/src/ca/{access,authority-view,autolock,join-rules,revocations,rotation,tokens}.ts',
      'manager/src/audit/audit-line.ts',
      'manager/src/api/{audit,caller,changes,changes-files,chosen-services,cluster-info,conflict-rules,effects,event-of-change,file-rules,filling-networks,happenings,idempotency-rules,label-rules,member-rules,network-ref,network-rules,network-view,node-ref,node-rules,node-view,placements,preview,rebalance,removable,replicas,rollback-verbs,scale,service-change,service-happenings,service-update,stack-warnings,validate,validate-autoscale,validate-between-networks,validate-container,validate-file-mounts,validate-files,validate-interfaces,validate-job,validate-mounts,validate-network,validate-network-spec,validate-networking,validate-ports,validate-resources,validate-schedule,validate-service,validate-shared,validate-stack,validate-update,validate-volumes,verb-parts,verbs,wish-order,wish-parts}.ts',
    ],
    except: [],
    reason: 'what goes to a node or into the store is decided here and sent elsewhere, so that it is tested without a network',
  },
  {
    files: ['node-agent/src/task/{chosen-images,hook-ids,machine,notes,template,template-functions,template-language}.ts'],
    except: [],
    reason: 'the next operation of a task follows from what is wished and seen; restarts and crashes are then tested as values',
  },
  {
    files: [
      'node-agent/src/{generic-resources,host-features,latest,mountinfo}.ts',
      'node-agent/src/membership/{addresses,connect-plan,manager-flags,manager-word,renewal-time,role-steps,status-outbox}.ts',
      'node-agent/src/volumes/{driver-mount,mount-failure}.ts',
      'node-agent/src/{health/probe-state,logs/log-format,relay/stats-sample,relay/process-list,copy/entry-path,copy/owner}.ts',
      'node-agent/src/image/{platform,manifest,image-config,dockerfile-changes,tar-format,tar-reader,layer-tree,layer-filter,registry-auth,find-image,untrusted-json}.ts',
      'node-agent/src/network/{address,names,observed,plan,diff,device-changes,host-lines,mtu,remotes,resolver-network,sysctls,firewalls,task-balance,task-interfaces,task-look,task-rules,task-plan,rules-frame,publish,port-table,ingress-rules,ingress-way,udp-flows,sockets,table,claims,dns-records,resolv-conf,pool}.ts',
      'node-agent/src/membership/described.ts',
      'node-agent/src/secrets/task-files.ts',
      'node-agent/src/network/tunnels/{changes,plan,rules}.ts',
      'node-agent/src/network/{dns-counts,dns-elsewhere,dns-framing,dns-message,dns-name,dns-relay,dns-scope,etc-hosts,link-variables}.ts',
      'node-agent/src/runtime/{block-io,bundle,create-error,defaults,device-rules,mounts,resources,capabilities,running,seccomp,stats,users,environment,command,signals,cgroup,oci-spec}.ts',
    ],
    except: [],
    reason: 'what to write to the kernel, a registry or a container is decided from values, so that it is tested without root',
  },
  {
    files: ['cli/src/view-model/**/*.ts'],
    except: [],
    reason: 'what the screen says is tested as text, without a terminal',
  },
];

/** The manager's rooms: decisions never see how they are made durable, and the doors to the outside never see the log. */
export const managerRooms: readonly Room[] = [
  { name: 'limits', files: ['manager/src/limits.ts'], mayImport: [] },
  { name: 'store', files: ['manager/src/store/**'], mayImport: ['limits'] },
  { name: 'rules', files: ['manager/src/rules/**'], mayImport: ['store', 'limits'] },
  { name: 'orchestrator', files: ['manager/src/orchestrator/**'], mayImport: ['store', 'rules', 'limits'] },
  { name: 'allocator', files: ['manager/src/allocator/**'], mayImport: ['store', 'rules', 'limits'] },
  { name: 'scheduler', files: ['manager/src/scheduler/**'], mayImport: ['store', 'rules', 'limits'] },
  { name: 'planner', files: ['manager/src/planner.ts'], mayImport: ['orchestrator', 'allocator', 'scheduler', 'store', 'rules', 'limits'] },
  { name: 'proposer', files: ['manager/src/replication/{proposer,expectations}.ts'], mayImport: ['store'] },
  { name: 'raft-core', files: ['manager/src/raft/core/**'], mayImport: [] },
  { name: 'raft-io', files: ['manager/src/raft/io/**'], mayImport: ['raft-core'] },
  { name: 'testing', files: ['manager/src/testing/**'], mayImport: [] },
  { name: 'caller', files: ['manager/src/api/{audit,caller}.ts'], mayImport: [] },
  { name: 'revocations', files: ['manager/src/ca/revocations.ts'], mayImport: [] },
  { name: 'ca', files: ['manager/src/ca/**'], mayImport: ['revocations', 'store', 'rules', 'proposer', 'caller', 'limits'] },
  { name: 'audit', files: ['manager/src/audit/**'], mayImport: ['store'] },
  { name: 'dispatcher', files: ['manager/src/dispatcher/**'], mayImport: ['store', 'rules', 'proposer', 'limits'] },
  {
    name: 'api',
    files: ['manager/src/api/**'],
    mayImport: ['store', 'rules', 'proposer', 'caller', 'revocations', 'backup-format', 'limits'],
  },
  {
    name: 'replication',
    files: ['manager/src/replication/**'],
    mayImport: ['proposer', 'store', 'raft-core', 'raft-io', 'api', 'unlock-key', 'limits'],
  },
  { name: 'backup-format', files: ['manager/src/backup/format.ts'], mayImport: ['raft-io'] },
  { name: 'backup', files: ['manager/src/backup/**'], mayImport: ['backup-format', 'replication', 'raft-core', 'raft-io', 'store'] },
  { name: 'unlock-key', files: ['manager/src/identity/unlock-key.ts'], mayImport: [] },
  { name: 'identity', files: ['manager/src/identity/**'], mayImport: ['*'] },
  { name: 'metrics', files: ['manager/src/metrics/**'], mayImport: ['raft-core', 'raft-io', 'store', 'house'] },
  { name: 'house', files: ['manager/src/*.ts'], mayImport: ['*'] },
];

/** Who may start a process, and why there. */
export const spawners: readonly Spawner[] = [
  { file: 'node-agent/src/host-command.ts', reason: 'the one place that runs host programs to their end' },
  { file: 'node-agent/src/network/batch-program.ts', reason: 'ip and bridge stay for changes, which are many and have to be quick' },
  {
    file: 'node-agent/src/network/job-shell.ts',
    reason: 'a small shell stays, from which processes begin ten times faster than from the agent',
  },
  { file: 'node-agent/src/membership/manager-child.ts', reason: 'supervises the manager process' },
  { file: 'node-agent/src/image/unpack.ts', reason: 'feeds a layer to tar as it arrives' },
  { file: 'node-agent/src/runtime/*.ts', reason: 'conmon is started detached and outlives the agent; exec streams both ways' },
  { file: 'cli/src/**', reason: 'starts the daemon: in the foreground, or a single-node one for `tso up`' },
  { file: 'deploy/**', reason: 'runs the test layers' },
];
