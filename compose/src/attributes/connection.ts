import { type Attribute, acts, below, warns } from './attribute.ts';

/** How tasks are reached, and by which names. */
const attachments: readonly Attribute[] = [
  acts('networks', 'both', 'the network default when none is named'),
  acts('networks.*.aliases', 'both', 'names more on that network'),
  acts('networks.*.ipv4_address', 'compose', 'of the one task there may be', 'E304: outside the subnet, or with several replicas'),
  acts('networks.*.ipv6_address', 'compose', 'the same for IPv6', 'E304: outside the subnet, or with several replicas'),
  acts('networks.*.link_local_ips', 'compose', 'addresses more, which the cluster neither gives out nor knows of'),
  acts('networks.*.mac_address', 'compose', 'of the one task there may be', 'E304: with several replicas'),
  acts('networks.*.interface_name', 'compose', 'instead of eth0, eth1 and so on'),
  warns('networks.*.driver_opts', 'both', 'nothing on an attachment can be set by a driver', 'remove it'),
  acts('networks.*.priority', 'compose', 'the order in which networks are joined, highest first; the first is the way out'),
  acts('networks.*.gw_priority', 'compose', 'the same, and counts alone when it is said of any network'),
  acts(
    'network_mode',
    'compose',
    'host, none, service:NAME, container:NAME (the task is then on the node of the other one)',
    'W401: bridge is a network that each node has for itself',
    'E401: anything else',
    'E303: with networks, and with what would be said of a namespace of its own (ports, links and the like)',
  ),
  acts('mac_address', 'compose', 'of the one task there may be', 'E304: with several replicas'),
  acts('dns', 'both', 'asked for names that are none of the stack', 'W401: an address of the loopback is not asked'),
  acts('dns_opt', 'compose', 'options of resolv.conf'),
  acts('dns_search', 'both', 'domains that short names are looked for in'),
  acts('extra_hosts', 'both', 'lines of /etc/hosts; host-gateway is the node the task is on', 'E202: what is no IP address'),
  acts('expose', 'compose', 'what links tell of; every port is open within a network', 'W401: more than 100'),
  acts(
    'links',
    'compose',
    'a name for another service that only this one sees, on whatever node',
    'W400: one that it shares no network with',
  ),
  acts(
    'external_links',
    'compose',
    'SERVICE.STACK:ALIAS, a service of another stack',
    'W400: a container that no stack has, or a service on no network of this one',
  ),
];

const ports: readonly Attribute[] = [
  acts('ports', 'both', 'answered on every node (mode ingress), or on those with a task (mode host)'),
  ...below('ports[]', [
    acts('target', 'both', 'the port in the container'),
    acts('published', 'both', 'the port of the nodes, a range of which one is taken, or none: one from 30000 to 32767'),
    acts('protocol', 'both', 'tcp, udp or sctp'),
    acts('mode', 'stack', 'ingress or host'),
    acts('host_ip', 'compose', 'the address of a node that is answered on; nodes without it do not answer', 'E401: an IPv6 address'),
    warns('name', 'neither', 'nothing shows it', 'write it as a comment'),
    warns('app_protocol', 'neither', 'connections are passed on as they are, whatever is spoken on them', 'remove it'),
  ]),
];

const mounts: readonly Attribute[] = [
  acts('volumes', 'both', 'what a node mounts into the task that is on it'),
  ...below('volumes[]', [
    acts('type', 'both', 'bind, volume, tmpfs, image', 'E401: cluster, npipe'),
    acts(
      'source',
      'both',
      'a path of the node, a volume, or an image; a relative path leads from the compose file, and must be there on the node',
      'E401: a path of Windows',
    ),
    acts('target', 'both', 'absolute', 'E305: two mounts with the same one'),
    acts('read_only', 'both', 'nothing is written there'),
    warns('consistency', 'both', 'it has no effect on Linux', 'remove it'),
    acts('bind', 'both', 'what is said of a bind mount'),
    acts('bind.propagation', 'both', 'rprivate unless said'),
    acts('bind.create_host_path', 'compose', 'true unless said: a folder that is missing is made on the node'),
    acts('bind.recursive', 'compose', 'enabled, disabled, writable, readonly', 'E304: readonly of a mount that may be written'),
    warns('bind.selinux', 'compose', 'files are not relabelled', 'label them on the nodes if SELinux is on'),
    acts('volume', 'both', 'what is said of a named volume'),
    acts('volume.nocopy', 'both', 'a new volume does not get the files of the image'),
    acts('volume.subpath', 'both', 'a folder inside it'),
    warns(
      'volume.labels',
      'compose',
      'a volume has the labels that the top of the file gives it',
      'label the volume at the top of the file',
    ),
    acts('tmpfs', 'both', 'what is said of files in memory'),
    acts('tmpfs.size', 'both', 'half of the memory of the node unless said'),
    acts('tmpfs.mode', 'compose', 'octal; 1777 unless said'),
    acts('image', 'compose', 'what is said of the files of an image'),
    acts('image.subpath', 'compose', 'a folder inside it'),
  ]),
  acts('tmpfs', 'compose', 'files in memory: PATH or PATH:size=64m,mode=755,uid=1,gid=1', 'E401: other options'),
  acts(
    'volumes_from',
    'compose',
    'the mounts of another service; tasks share files where they are on the same node, or where the data is on a file server',
    'E401: its anonymous volumes, which have no name to share',
  ),
];

/** A secret or config as a file of the container. */
const file = (key: 'configs' | 'secrets', where: string): readonly Attribute[] => [
  acts(key, 'both', `files in memory of the node, at ${where} unless said`),
  acts(`${key}[].source`, 'both', `which one of those at the top`),
  acts(`${key}[].target`, 'both', `an absolute path, or a name ${key === 'secrets' ? 'below /run/secrets' : 'below /'}`),
  acts(`${key}[].uid`, 'both', 'its owner in the container'),
  acts(`${key}[].gid`, 'both', 'its group in the container'),
  acts(`${key}[].mode`, 'both', 'octal; 0444 unless said'),
];

export const connectionAttributes: readonly Attribute[] = below('services.*', [
  ...attachments,
  ...ports,
  ...mounts,
  ...file('configs', '/NAME'),
  ...file('secrets', '/run/secrets/NAME'),
]);
