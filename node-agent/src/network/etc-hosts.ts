import { shortId, type Task } from '@tso/proto';

/** The name a container knows itself by: what the spec says, the host's own with its UTS namespace, else the short task id. */
export const hostnameOf = (task: Task, hostHostname: string): string =>
  task.spec.container.utsMode === 'host' || (task.spec.networkMode === 'host' && task.spec.container.hostname === '')
    ? hostHostname
    : task.spec.container.hostname || shortId(task.id);

const fixedLines = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
];

const extraHostLine = (entry: string): string => {
  const separator = entry.indexOf('=');
  return `${entry.slice(separator + 1)}\t${entry.slice(0, separator)}`;
};

/** Text of /etc/hosts (hosts(5)): the fixed names, `extra_hosts` in order, and the container's own name on each network. */
export const etcHosts = (task: Task, hostname: string): string => {
  const { domainname, extraHosts } = task.spec.container;
  const names = domainname === '' ? hostname : `${hostname}.${domainname} ${hostname}`;
  const own = task.networks.map((allocation) => `${allocation.address}\t${names}`);
  return `${[...fixedLines, ...extraHosts.map(extraHostLine), ...own].join('\n')}\n`;
};
