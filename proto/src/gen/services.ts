// Made by proto/scripts/generate.ts from tso/v1/*.proto. Do not edit.

export const Ca = {
  join: { path: '/tso.v1.Ca/Join', kind: 'unary', request: 'JoinClusterRequest', response: 'CertificateReply', roles: ["joiner"] },
  renew: { path: '/tso.v1.Ca/Renew', kind: 'unary', request: 'RenewRequest', response: 'CertificateReply', roles: ["worker","manager"] },
  leave: { path: '/tso.v1.Ca/Leave', kind: 'unary', request: 'LeaveRequest', response: 'LeaveReply', roles: ["worker","manager"] },
  getJoinTokens: { path: '/tso.v1.Ca/GetJoinTokens', kind: 'unary', request: 'GetJoinTokensRequest', response: 'JoinTokens', roles: ["client"] },
  rotateJoinToken: { path: '/tso.v1.Ca/RotateJoinToken', kind: 'unary', request: 'RotateJoinTokenRequest', response: 'JoinTokens', roles: ["client"] },
  getAuthority: { path: '/tso.v1.Ca/GetAuthority', kind: 'unary', request: 'GetAuthorityRequest', response: 'AuthorityView', roles: ["client"] },
  rotateAuthority: { path: '/tso.v1.Ca/RotateAuthority', kind: 'unary', request: 'RotateAuthorityRequest', response: 'AuthorityView', roles: ["client"] },
  issueClient: { path: '/tso.v1.Ca/IssueClient', kind: 'unary', request: 'IssueClientRequest', response: 'CertificateReply', roles: ["client"] },
  revokeClient: { path: '/tso.v1.Ca/RevokeClient', kind: 'unary', request: 'RevokeClientRequest', response: 'RevokeClientReply', roles: ["client"] },
  setAutolock: { path: '/tso.v1.Ca/SetAutolock', kind: 'unary', request: 'SetAutolockRequest', response: 'UnlockKey', roles: ["client"] },
  getUnlockKey: { path: '/tso.v1.Ca/GetUnlockKey', kind: 'unary', request: 'GetUnlockKeyRequest', response: 'UnlockKey', roles: ["client"] },
} as const;

export const Control = {
  applyStack: { path: '/tso.v1.Control/ApplyStack', kind: 'unary', request: 'ApplyStackRequest', response: 'ApplyStackReply', roles: ["client"] },
  removeStack: { path: '/tso.v1.Control/RemoveStack', kind: 'unary', request: 'RemoveStackRequest', response: 'RemoveStackReply', roles: ["client"] },
  scaleServices: { path: '/tso.v1.Control/ScaleServices', kind: 'unary', request: 'ScaleServicesRequest', response: 'ScaleServicesReply', roles: ["client"] },
  updateService: { path: '/tso.v1.Control/UpdateService', kind: 'unary', request: 'UpdateServiceRequest', response: 'UpdateServiceReply', roles: ["client"] },
  changeServices: { path: '/tso.v1.Control/ChangeServices', kind: 'unary', request: 'ChangeServicesRequest', response: 'ChangeServicesReply', roles: ["client"] },
  explainPlacement: { path: '/tso.v1.Control/ExplainPlacement', kind: 'unary', request: 'ExplainPlacementRequest', response: 'ExplainPlacementReply', roles: ["client"] },
  getStack: { path: '/tso.v1.Control/GetStack', kind: 'unary', request: 'GetStackRequest', response: 'StackView', roles: ["client"] },
  listStacks: { path: '/tso.v1.Control/ListStacks', kind: 'unary', request: 'ListStacksRequest', response: 'ListStacksReply', roles: ["client"] },
  listTasks: { path: '/tso.v1.Control/ListTasks', kind: 'unary', request: 'ListTasksRequest', response: 'ListTasksReply', roles: ["client"] },
  listNodes: { path: '/tso.v1.Control/ListNodes', kind: 'unary', request: 'ListNodesRequest', response: 'ListNodesReply', roles: ["client"] },
  getNode: { path: '/tso.v1.Control/GetNode', kind: 'unary', request: 'NodeRef', response: 'NodeView', roles: ["client"] },
  updateNode: { path: '/tso.v1.Control/UpdateNode', kind: 'unary', request: 'UpdateNodeRequest', response: 'UpdateNodeReply', roles: ["client"] },
  removeNode: { path: '/tso.v1.Control/RemoveNode', kind: 'unary', request: 'RemoveNodeRequest', response: 'RemoveNodeReply', roles: ["client"] },
  rebalanceServices: { path: '/tso.v1.Control/RebalanceServices', kind: 'unary', request: 'RebalanceServicesRequest', response: 'RebalanceServicesReply', roles: ["client"] },
  createNetwork: { path: '/tso.v1.Control/CreateNetwork', kind: 'unary', request: 'CreateNetworkRequest', response: 'CreateNetworkReply', roles: ["client"] },
  getNetwork: { path: '/tso.v1.Control/GetNetwork', kind: 'unary', request: 'NetworkRef', response: 'NetworkView', roles: ["client"] },
  listNetworks: { path: '/tso.v1.Control/ListNetworks', kind: 'unary', request: 'ListNetworksRequest', response: 'ListNetworksReply', roles: ["client"] },
  removeNetwork: { path: '/tso.v1.Control/RemoveNetwork', kind: 'unary', request: 'RemoveNetworkRequest', response: 'RemoveNetworkReply', roles: ["client"] },
  putConfig: { path: '/tso.v1.Control/PutConfig', kind: 'unary', request: 'PutConfigRequest', response: 'PutConfigReply', roles: ["client"] },
  getConfig: { path: '/tso.v1.Control/GetConfig', kind: 'unary', request: 'GetConfigRequest', response: 'Config', roles: ["client"] },
  listConfigs: { path: '/tso.v1.Control/ListConfigs', kind: 'unary', request: 'ListConfigsRequest', response: 'ListConfigsReply', roles: ["client"] },
  removeConfig: { path: '/tso.v1.Control/RemoveConfig', kind: 'unary', request: 'RemoveConfigRequest', response: 'RemoveConfigReply', roles: ["client"] },
  putSecret: { path: '/tso.v1.Control/PutSecret', kind: 'unary', request: 'PutSecretRequest', response: 'PutSecretReply', roles: ["client"] },
  getSecret: { path: '/tso.v1.Control/GetSecret', kind: 'unary', request: 'GetSecretRequest', response: 'SecretView', roles: ["client"] },
  listSecrets: { path: '/tso.v1.Control/ListSecrets', kind: 'unary', request: 'ListSecretsRequest', response: 'ListSecretsReply', roles: ["client"] },
  removeSecret: { path: '/tso.v1.Control/RemoveSecret', kind: 'unary', request: 'RemoveSecretRequest', response: 'RemoveSecretReply', roles: ["client"] },
  loadImage: { path: '/tso.v1.Control/LoadImage', kind: 'bidi', request: 'LoadImageRequest', response: 'RelayFrame', roles: ["client","manager"] },
  getInfo: { path: '/tso.v1.Control/GetInfo', kind: 'unary', request: 'GetInfoRequest', response: 'ClusterInfo', roles: ["client"] },
  watchStack: { path: '/tso.v1.Control/WatchStack', kind: 'server-stream', request: 'WatchStackRequest', response: 'StackView', roles: ["client"] },
  logs: { path: '/tso.v1.Control/Logs', kind: 'server-stream', request: 'LogsRequest', response: 'LogsReply', roles: ["client","manager"] },
  exec: { path: '/tso.v1.Control/Exec', kind: 'bidi', request: 'ExecRequest', response: 'RelayFrame', roles: ["client","manager"] },
  stats: { path: '/tso.v1.Control/Stats', kind: 'server-stream', request: 'StatsRequest', response: 'StatsReply', roles: ["client","manager"] },
  top: { path: '/tso.v1.Control/Top', kind: 'unary', request: 'TopRequest', response: 'TopReply', roles: ["client","manager"] },
  signal: { path: '/tso.v1.Control/Signal', kind: 'unary', request: 'SignalRequest', response: 'SignalReply', roles: ["client","manager"] },
  copyOut: { path: '/tso.v1.Control/CopyOut', kind: 'server-stream', request: 'CopyOutRequest', response: 'RelayFrame', roles: ["client","manager"] },
  copyIn: { path: '/tso.v1.Control/CopyIn', kind: 'bidi', request: 'CopyInRequest', response: 'RelayFrame', roles: ["client","manager"] },
  events: { path: '/tso.v1.Control/Events', kind: 'server-stream', request: 'EventsRequest', response: 'ClusterEvent', roles: ["client"] },
  backup: { path: '/tso.v1.Control/Backup', kind: 'server-stream', request: 'BackupRequest', response: 'BackupPart', roles: ["client"] },
} as const;

export const Dispatcher = {
  session: { path: '/tso.v1.Dispatcher/Session', kind: 'bidi', request: 'AgentMessage', response: 'ManagerMessage', roles: ["worker","manager"] },
  relay: { path: '/tso.v1.Dispatcher/Relay', kind: 'bidi', request: 'RelayFrame', response: 'RelayFrame', roles: ["worker","manager"] },
  fetchImage: { path: '/tso.v1.Dispatcher/FetchImage', kind: 'server-stream', request: 'FetchImageRequest', response: 'RelayFrame', roles: ["worker","manager"] },
} as const;

export const Managers = {
  listManagers: { path: '/tso.v1.Managers/ListManagers', kind: 'unary', request: 'ListManagersRequest', response: 'ListManagersReply', roles: ["client","manager"] },
  promoteManager: { path: '/tso.v1.Managers/PromoteManager', kind: 'unary', request: 'ManagerRequest', response: 'ManagerReply', roles: ["client","manager"] },
  demoteManager: { path: '/tso.v1.Managers/DemoteManager', kind: 'unary', request: 'ManagerRequest', response: 'ManagerReply', roles: ["client","manager"] },
  removeManager: { path: '/tso.v1.Managers/RemoveManager', kind: 'unary', request: 'ManagerRequest', response: 'ManagerReply', roles: ["client","manager"] },
  transferLeadership: { path: '/tso.v1.Managers/TransferLeadership', kind: 'unary', request: 'ManagerRequest', response: 'ManagerReply', roles: ["client","manager"] },
} as const;

export const Raft = {
  messages: { path: '/tso.v1.Raft/Messages', kind: 'bidi', request: 'RaftPacket', response: 'RaftReceipt', roles: ["manager"] },
  snapshot: { path: '/tso.v1.Raft/Snapshot', kind: 'bidi', request: 'SnapshotPart', response: 'RaftReceipt', roles: ["manager"] },
  propose: { path: '/tso.v1.Raft/Propose', kind: 'unary', request: 'ProposeRequest', response: 'ProposeReply', roles: ["manager"] },
  join: { path: '/tso.v1.Raft/Join', kind: 'unary', request: 'JoinRequest', response: 'JoinReply', roles: ["manager"] },
} as const;
