import { shortId, type Task } from '@tso/proto';

/** The name a container knows itself by: what the spec says, the host's own with its UTS namespace, else the short task id. */
export const hostnameOf = (task: Task, hostHostname: string): string =>
  task.spec.container.utsMode === 'host' || (task.spec.networkMode === 'host' && task.spec.container.hostname === '')
    ? hostHostname
    : task.spec.container.hostname || shortId(task.id);

/** What the hosts file says that the task does not. */
export interface HostsFacts {
  /** Addresses by which the task reaches its host, one of each family at most; none: it cannot. */
  readonly gateways: readonly string[];
  /** Text of the host's file, for a task in the host's namespace; undefined: it has its own. */
  readonly hostFile: string | undefined;
}

/** The network that carries published ports: nobody is called by an address there. */
const ingressNetwork = 'ingress';

/** An own name without an address on a network, where Debian has it. */
const ownLoopback = '127.0.1.1';

const fixedLines = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
];

/** `host-gateway` is the host as this task reaches it; a task that cannot reach it has no such line, so that asking fails at once. */
const extraHostLines = (entry: string, { gateways }: HostsFacts): readonly string[] => {
  const separator = entry.indexOf('=');
  const [name, address] = [entry.slice(0, separator), entry.slice(separator + 1)];
  return (address === 'host-gateway' ? gateways : [address]).map((one) => `${one}\t${name}`);
};

/** Text of /etc/hosts (hosts(5)): the fixed names or the host's, `extra_hosts` in order, and the container's own name on each network. */
export const etcHosts = (task: Task, hostname: string, facts: HostsFacts): string => {
  const { domainname, extraHosts } = task.spec.container;
  const names = domainname === '' ? hostname : `${hostname}.${domainname} ${hostname}`;
  const addresses = task.networks
    .filter((allocation) => allocation.networkId !== ingressNetwork)
    .flatMap(({ address, address6 }) => [address, address6].filter((one) => one !== ''));
  const isOnHost = facts.hostFile !== undefined;
  // The host's file has the host's own name.
  const own = addresses.length > 0 ? addresses : isOnHost && task.spec.container.hostname === '' ? [] : [ownLoopback];
  const first = facts.hostFile === undefined ? fixedLines : [facts.hostFile.trimEnd()];
  const lines = [...first, ...extraHosts.flatMap((entry) => extraHostLines(entry, facts)), ...own.map((address) => `${address}\t${names}`)];
  return `${lines.filter((line) => line !== '').join('\n')}\n`;
};
