import { type Attribute, acts, below, noModels, refuses, warns } from './attribute.ts';

/** What stands at the top of a file. */
export const topAttributes: readonly Attribute[] = [
  warns('version', 'stack', 'the specification has one version only', 'remove it'),
  acts('name', 'compose', 'the name of the stack, unless -p or COMPOSE_PROJECT_NAME says another'),
  acts('services', 'both', 'each is a service of the cluster, called STACK_SERVICE where stacks meet'),
  acts('networks', 'both', 'networks of the stack; a service that names none is on the network default'),
  acts(
    'volumes',
    'both',
    'folders on each node whose task uses them; keep a service with data on one node, or name a file server in driver_opts',
  ),
  acts('configs', 'both', 'files that the managers keep and nodes with a task of theirs are sent'),
  acts('secrets', 'both', 'the same for what nobody is to see'),
  acts('include', 'compose', 'other files with their own folder and env files; what both declare is merged, with a warning (W150)'),
  refuses('models', 'compose', noModels, 'run a server of the model as a service and name its URL in environment'),
  acts('include[].path', 'compose', 'one file, or several that are merged', 'E401: what lies elsewhere (git, oci, http)'),
  acts('include[].project_directory', 'compose', 'where relative paths of the included files lead from; their own folder unless said'),
  acts('include[].env_file', 'compose', 'variables for the included files only, read where the command runs'),
];

export const networkAttributes: readonly Attribute[] = below('networks.*', [
  acts('name', 'both', 'the name in the cluster, instead of STACK_KEY'),
  acts(
    'driver',
    'both',
    'overlay unless said: one network over all nodes',
    'W401: bridge is a network that each node has for itself',
    'E401: drivers other than overlay, bridge, macvlan, host, none',
  ),
  acts(
    'driver_opts',
    'both',
    'mtu, encrypted, parent and the like',
    'W400: options that mean nothing with that driver',
    'E401: macvlan_mode other than bridge',
  ),
  acts('external', 'both', 'made by another stack or by hand (tso network create); only name may stand beside it'),
  acts('internal', 'both', 'no way out of the cluster'),
  acts('attachable', 'both', 'kept and shown; there is nothing but services to attach, and any stack may name the network as external'),
  acts('enable_ipv4', 'compose', 'true', 'E400: false, networks have IPv4'),
  acts('enable_ipv6', 'compose', 'addresses of both families'),
  acts('labels', 'both', 'kept with the network'),
  acts('ipam', 'both', 'which addresses it has; from the pool of the cluster unless said'),
  acts('ipam.driver', 'both', 'default', 'E401: another one'),
  acts('ipam.config', 'both', 'at most one subnet of each family', 'E401: a second one of a family'),
  acts(
    'ipam.config[].subnet',
    'both',
    'from /8 to /29',
    'E402: larger or smaller',
    'W401: one with bits of a host is taken as its network',
  ),
  acts('ipam.config[].ip_range', 'compose', 'where tasks and services get their addresses from', 'E304: outside the subnet'),
  acts('ipam.config[].gateway', 'compose', 'the address that every node has on this network', 'E304: outside the subnet'),
  acts('ipam.config[].aux_addresses', 'compose', 'addresses that nobody is given'),
  warns('ipam.options', 'compose', 'the managers give addresses out, and no plug-in asks for options', 'remove it'),
]);

export const volumeAttributes: readonly Attribute[] = below('volumes.*', [
  acts('name', 'both', 'the name in the cluster, instead of STACK_KEY'),
  acts('driver', 'both', 'local: a folder of the node, or what driver_opts name', 'E401: plug-ins'),
  acts(
    'driver_opts',
    'both',
    'type, o and device of what is mounted: nfs, nfs4, cifs, tmpfs, none; then the data is the same on every node',
    'E401: other options',
    'E306: a type or device is missing',
  ),
  acts('external', 'both', 'made by another stack; only name may stand beside it'),
  acts('labels', 'both', 'kept with the volume'),
  warns('x-cluster-spec', 'stack', 'no storage plug-in is asked for volumes', 'use driver_opts: {type: nfs, …}, or one node per volume'),
]);

const file = (kind: 'config' | 'secret', also: readonly Attribute[]): readonly Attribute[] =>
  below(`${kind}s.*`, [
    acts(
      'file',
      'both',
      'read where the command runs, and kept by the managers; a change rolls the services that use it',
      kind === 'config' ? 'E402: more than 1 MiB' : 'E402: more than 500 KiB',
    ),
    acts('environment', 'compose', 'the value of a variable where the command runs'),
    acts('external', 'stack', kind === 'config' ? 'made by hand before (tso configs create)' : 'made by hand before (tso secrets create)'),
    acts('name', 'both', 'the name in the cluster, instead of STACK_KEY'),
    acts('labels', 'stack', `kept with the ${kind}`),
    acts('template_driver', 'stack', 'golang: {{.Service.Name}} and the like are filled in for each task', 'E401: another one'),
    ...also,
  ]);

export const fileAttributes: readonly Attribute[] = [
  ...file('config', [acts('content', 'compose', 'the text itself, with variables put in')]),
  ...file('secret', [
    refuses('driver', 'stack', 'the managers keep secrets themselves and ask no plug-in', 'use file: or environment:, or make it by hand'),
    refuses('driver_opts', 'stack', 'there is no plug-in to hand them to', 'remove it'),
  ]),
];

export const modelAttributes: readonly Attribute[] = below('models.*', [
  refuses('model', 'compose', noModels, 'run a server of the model as a service'),
  refuses('name', 'compose', noModels, 'run a server of the model as a service'),
  refuses('context_size', 'compose', noModels, 'say it to the server of the model'),
  refuses('runtime_flags', 'compose', noModels, 'say them to the server of the model'),
]);
