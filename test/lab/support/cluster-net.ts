import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ClusterLab } from '../hosts/cluster-lab.ts';
import { type CommandOutcome, command, succeed } from './command.ts';
import { eventually } from './eventually.ts';
import type { LabHost } from './lab-host.ts';
import { namesIn } from './reach.ts';

const tool = join(import.meta.dirname, 'net-tool.ts');
const packet = join(import.meta.dirname, 'packet.py');

/**
 * A service's image, command and health check, as YAML: on port 80 `/who` answers with the hostname and the client's address, `/block`
 * with 64 KiB and `/large` with 8 MiB that are no text.
 */
export const web = `
    image: busybox:1
    command:
      - /bin/sh
      - -c
      - |
        mkdir -p /www/cgi-bin
        cat > /www/cgi-bin/who << 'END'
        #!/bin/sh
        printf 'Content-Type: text/plain\\r\\n\\r\\n%s %s\\n' "$$(hostname)" "$$REMOTE_ADDR"
        END
        chmod +x /www/cgi-bin/who
        head -c 65536 /dev/urandom > /www/block
        head -c 8388608 /dev/urandom > /www/large
        exec httpd -f -p 80 -h /www
    healthcheck: { test: ["CMD-SHELL", "nc 127.0.0.1 80 < /dev/null"], interval: 30s, start_interval: 100ms, start_period: 20s }
    stop_grace_period: 500ms
    stop_signal: SIGKILL`;

/** Where `/who` is. */
export const who = '/cgi-bin/who';

/** A container that runs. */
export interface Container {
  readonly host: LabHost;
  readonly service: string;
  readonly slot: number;
  readonly taskId: string;
  readonly pid: number;
  readonly hostname: string;
}

/** An interface of a container, as the kernel shows it. */
export interface Interface {
  readonly name: string;
  readonly mac: string;
  readonly mtu: number;
  readonly address: string;
  /** Of its IPv4 subnet. */
  readonly prefix: number;
  /** Not the one of the link. */
  readonly address6: string;
}

/** What `tso network inspect` shows, as far as labs look. */
export interface NetworkDocument {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly subnet: string;
  readonly gateway: string;
  readonly subnet6: string;
  readonly attachable: boolean;
  readonly internal: boolean;
  readonly vni: number;
  readonly services: readonly string[];
  readonly addresses: { readonly used: number; readonly total: number };
  readonly endpoints: readonly {
    readonly service: string;
    readonly slot: number;
    readonly node: string;
    readonly address: string;
    readonly address6: string;
    readonly mac: string;
    readonly serving: boolean;
  }[];
}

interface IpAddress {
  readonly ifname: string;
  readonly address: string;
  readonly mtu: number;
  readonly addr_info: readonly { readonly family: string; readonly local: string; readonly prefixlen: number; readonly scope: string }[];
}

const namespaces = (pid: number): readonly string[] => ['-t', String(pid), '--mount', '--uts', '--ipc', '--net', '--root', '--wd'];

/** The containers of a service that run, in the order of hosts and slots. */
export const containers = async (cluster: ClusterLab, stack: string, service: string): Promise<readonly Container[]> =>
  Promise.all(
    (await cluster.running(stack, service)).map(async ({ host, slot, taskId, pid }) => ({
      host: cluster.host(host),
      service,
      slot,
      taskId,
      pid,
      hostname: (await succeed('nsenter', ['-t', String(pid), '--uts', 'hostname'])).trim(),
    })),
  );

/** Tells of services of a stack which tasks run, and by which process each: the same as before, where nothing was replaced. */
export const pidsOf =
  (cluster: ClusterLab) =>
  async (stack: string, ...services: readonly string[]): Promise<readonly string[]> =>
    (await Promise.all(services.map((service) => containers(cluster, stack, service)))).flat().map(({ taskId, pid }) => `${taskId} ${pid}`);

/** The container of that service on that host, or its only one. */
export const container = async (cluster: ClusterLab, stack: string, service: string, host?: string): Promise<Container> => {
  const all = await containers(cluster, stack, service);
  const found = all.filter((one) => host === undefined || one.host.name === host);
  const [first] = found;
  if (first === undefined || found.length > 1)
    throw new Error(
      `${found.length} containers of ${stack}/${service} run on ${host ?? 'any host'}: ${JSON.stringify(all.map((one) => one.host.name))}`,
    );
  return first;
};

/** Runs a program of the image in a container. */
export const inside = ({ pid }: Container, ...args: readonly string[]): Promise<CommandOutcome> =>
  command('nsenter', [...namespaces(pid), ...args]);

/** Runs a program of this machine in the network of a container, where the image has none. */
export const netOf = ({ pid }: Container, ...args: readonly string[]): Promise<CommandOutcome> =>
  command('nsenter', ['-t', String(pid), '--net', ...args]);

/** What curl says: what it got, or why it got nothing. */
export const fetched = async (from: Container, url: string, ...more: readonly string[]): Promise<string> =>
  said(await inside(from, 'curl', '-sS', '--connect-timeout', '5', '--max-time', '20', ...more, url));

/** What curl says when nothing answers, or nothing leads there. */
export const noAnswer = /Timeout|timed out|No route|unreachable|Could not connect|Couldn't connect|Failed to connect/i;

/** What a program printed, errors too. */
export const said = ({ stdout, stderr }: CommandOutcome): string => `${stdout}${stderr}`.trim();

/** Of as many new connections, who answered and whom they saw: `hostname address`, each pair once, sorted. */
export const asked = async (from: Container, url: string, times: number, ...more: readonly string[]): Promise<readonly string[]> =>
  distinct(await fetched(from, `${url}?[1-${times}]`, ...more));

/** Lines once each, sorted; addresses without the prefix that IPv4 has on a socket of both families. */
export const distinct = (text: string): readonly string[] =>
  [
    ...new Set(
      text
        .split('\n')
        .map((line) => line.replace(/\[(?:::ffff:)?([^\]]+)\]/, '$1').trim())
        .filter((line) => line !== ''),
    ),
  ].sort();

/** The addresses that the C library of the image finds for a name, sorted: empty for none. */
export const resolved = async (from: Container, name: string, family: 4 | 6 = 4): Promise<readonly string[]> =>
  [
    ...new Set(
      (await inside(from, 'getent', `ahostsv${family}`, name)).stdout
        .split('\n')
        .map((line) => line.split(/\s+/)[0] ?? '')
        .filter((address) => address !== '' && !address.startsWith('::ffff:')),
    ),
  ].sort();

export const interfaces = async (of: Container): Promise<readonly Interface[]> =>
  (JSON.parse(await succeed('nsenter', ['-t', String(of.pid), '--net', 'ip', '-json', 'address'])) as readonly IpAddress[]).map((link) => {
    const four = link.addr_info.find(({ family }) => family === 'inet');
    const six = link.addr_info.find(({ family, scope }) => family === 'inet6' && scope === 'global');
    return {
      name: link.ifname,
      mac: link.address,
      mtu: link.mtu,
      address: four?.local ?? '',
      prefix: four?.prefixlen ?? 0,
      address6: six?.local ?? '',
    };
  });

/** Its interface on a network whose subnet begins so. */
export const interfaceOn = async (of: Container, begin: string): Promise<Interface> => {
  const all = await interfaces(of);
  const found = all.find(({ address }) => address.startsWith(begin));
  if (found === undefined) throw new Error(`${of.service} has no address ${begin}…: ${JSON.stringify(all)}`);
  return found;
};

/** `tso network inspect` of one network. */
export const network = async (by: LabHost, name: string): Promise<NetworkDocument> => {
  const [found] = JSON.parse(await by.tsoOk(['network', 'inspect', '--format', 'json', name])) as readonly NetworkDocument[];
  if (found === undefined) throw new Error(`there is no network ${name}`);
  return found;
};

/**
 * Resolves once every container of a stack finds, by the name tasks.SERVICE, all tasks that serve on a network with it. That these run is told to
 * the other hosts while it is told to who waits for it.
 */
export const known = (cluster: ClusterLab, stack: string): Promise<boolean> =>
  eventually(`the containers of ${stack} know each other`, async () => {
    const { networks } = await cluster.ask((api) => api.control((control) => control.listNetworks({})));
    const meant = networks.filter(({ network: { id, spec } }) => id !== 'ingress' && spec.driver !== 'bridge');
    const views = await Promise.all(
      meant.map(({ network: { id } }) => cluster.ask((api) => api.control((control) => control.getNetwork({ network: id })))),
    );
    const networked = views.map(({ endpoints }) => endpoints.filter((one) => one.stack === stack));
    for (const asker of await cluster.seen()) {
      const beside = networked.filter((endpoints) => endpoints.some((one) => one.taskId === asker.taskId)).flat();
      const serving = beside.filter((one) => one.serving);
      for (const service of new Set(serving.map((one) => one.service))) {
        const [answer] = await namesIn([asker], `tasks.${service}`);
        // On several networks with it a task is known by one of its addresses.
        const known = serving.filter(({ address }) => answer?.addresses.has(address) === true).map(({ taskId }) => taskId);
        const lacking = serving.filter((one) => one.service === service && !known.includes(one.taskId));
        if (lacking.length > 0) throw new Error(`${answer?.place} does not lead to ${lacking.map(({ address }) => address).join(', ')}`);
      }
    }
    return true;
  });

/** The first part of addresses of a /24. */
export const beginOf = ({ subnet }: NetworkDocument): string => subnet.slice(0, subnet.lastIndexOf('.') + 1);

/** What the agents said of networks that were not as they should be: nothing, where nobody changed any by hand. */
export const mended = async (cluster: ClusterLab): Promise<readonly string[]> =>
  (await Promise.all(cluster.members.map(({ folder }) => readFile(join(folder, 'tsod.log'), 'utf8'))))
    .flatMap((log) => log.split('\n'))
    .filter((line) => /put right what was changed|is changed again and again|could not be looked at or mended/.test(line));

/** A packet of exactly so many bytes that is not to be fragmented: see packet.py. */
export const packetFrom = async (from: Container, ...args: readonly (string | number)[]): Promise<string> =>
  said(await netOf(from, '/usr/bin/python3', packet, ...args.map(String)));

/** The lab's own program for names, datagrams and the like, in the network of a container: see net-tool.ts. */
export const toolIn = async (from: Container, ...args: readonly string[]): Promise<string> =>
  said(await netOf(from, process.execPath, tool, ...args));

/** Programs that go on until they are ended. */
export class Programs {
  readonly #children: ChildProcess[] = [];

  /** Resolves once it has said that it is ready. Its further lines come to the listener. */
  async start(program: string, args: readonly string[], listener: (line: string) => void = () => undefined): Promise<void> {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#children.push(child);
    const lines = createInterface({ input: child.stdout });
    await once(lines, 'line');
    lines.on('line', listener);
  }

  /** The lab's tool in the network of a container. */
  tool(of: Container, ...args: readonly string[]): Promise<void> {
    return this.start('nsenter', ['-t', String(of.pid), '--net', process.execPath, tool, ...args]);
  }

  /** The lab's tool where outside clients are. */
  outside(cluster: ClusterLab, ...args: readonly string[]): Promise<void> {
    return this.start('nsenter', [`--net=${cluster.lab.wires.pin}`, process.execPath, tool, ...args]);
  }

  /** Sends back each datagram to that port. */
  echo(of: Container, port: number): Promise<void> {
    return this.start('nsenter', ['-t', String(of.pid), '--net', '/usr/bin/python3', packet, 'echo', String(port)]);
  }

  async end(): Promise<void> {
    for (const child of this.#children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  }
}
