import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Endpoint, EndpointMode, type NetworkAssignment, type ServiceOnNetwork } from '@tso/proto';
import { type CommandOutcome, succeed } from './command.ts';
import { labNetworks, NetworkLab } from './network-lab.ts';
import { labEndpoint, labNetwork, labPlan } from './networks-daemon.ts';

export const webAddress = '10.32.1.200';
export const manyAddresses = Array.from({ length: 200 }, (_, index) => `10.32.17.${index + 1}`);
const askerAddresses = { 1: '10.32.1.100', 4: '10.32.16.5' };
const links = [{ service: 'db', alias: 'database' }];

export const service = (name: string, changes: Partial<ServiceOnNetwork> = {}): ServiceOnNetwork => ({
  serviceId: name,
  name,
  stack: 'lab',
  mode: EndpointMode.VIP,
  vip: '',
  vip6: '',
  names: [name],
  affinity: false,
  ports: [],
  ...changes,
});

const many = (): readonly Endpoint[] =>
  manyAddresses.map((address, index) => labEndpoint(`many${index}`, 'many', address, { names: [`many-${index}`] }));

/** Network 1 with the service `web` (its two tasks serve), `db` (no task serves) and a `web` of another stack; network 4 with 200 tasks `many`. */
export const nameNetworks = (endpoints?: readonly Endpoint[]): readonly NetworkAssignment[] => {
  const [first = labNetwork(1), ...others] = labNetworks({ db: false });
  const stranger = labEndpoint('stranger', 'web', '10.32.1.150', { stack: 'other', names: ['stranger'] });
  const services = [
    service('web', { vip: webAddress, names: ['web', 'page'] }),
    service('web', { serviceId: 'web2', stack: 'other', vip: '10.32.1.210' }),
    service('db', { vip: '10.32.1.201' }),
  ];
  const own = (endpoints ?? first.endpoints).map((one) => ({ ...one, names: one.taskId.startsWith('web') ? [one.taskId] : [] }));
  return [
    { ...first, services, endpoints: [...own, stranger] },
    ...others,
    labNetwork(4, {
      subnet: '10.32.16.0/20',
      gateway: '10.32.16.1',
      endpoints: many(),
      services: [service('many', { mode: EndpointMode.DNSRR })],
    }),
  ];
};

/** Programs that look names up by a library of their own, as a command each; the name follows. */
export interface LookupPrograms {
  readonly glibc: readonly string[];
  readonly nodeLookup: readonly string[];
  readonly nodeResolve: readonly string[];
  /** With the library of Alpine's images; undefined where Debian's musl-tools is not installed. */
  readonly musl: readonly string[] | undefined;
}

const nodeLookup = `require('dns').lookup(process.argv[1], {all: true, family: 4}, (e, l) => { if (e) throw e; console.log(l.map(x => x.address).join('\\n')) })`;
const nodeResolve = `require('dns').resolve4(process.argv[1], (e, l) => { if (e) throw e; console.log(l.join('\\n')) })`;

/** A task `asker` on networks 1 and 4 with a link, and what real programs see from inside it. */
export class NamesLab {
  readonly lab: NetworkLab;
  readonly programs: LookupPrograms;

  private constructor(lab: NetworkLab, programs: LookupPrograms) {
    this.lab = lab;
    this.programs = programs;
  }

  static async create(): Promise<NamesLab> {
    const lab = await NetworkLab.create();
    try {
      await lab.call('setNetworks', nameNetworks());
      const musl = join(lab.host.folder, 'lookup-musl');
      const hasMusl = existsSync('/usr/bin/musl-gcc');
      if (hasMusl) await succeed('musl-gcc', ['-static', '-o', musl, join(import.meta.dirname, 'lookup.c')]);
      const names = new NamesLab(lab, {
        glibc: ['getent', 'ahostsv4'],
        nodeLookup: [process.execPath, '-e', nodeLookup],
        nodeResolve: [process.execPath, '-e', nodeResolve],
        musl: hasMusl ? [musl, '-4'] : undefined,
      });
      await lab.call('attach', names.plan);
      await names.configure();
      return names;
    } catch (error) {
      await lab.destroy();
      throw error;
    }
  }

  get plan() {
    return { ...labPlan('asker', askerAddresses), links };
  }

  /** Writes the task's resolv.conf with these wishes. */
  async configure(dns?: {
    readonly servers?: readonly string[];
    readonly search?: readonly string[];
    readonly options?: readonly string[];
  }): Promise<void> {
    const wish = dns === undefined ? undefined : { servers: [], search: [], options: [], ...dns };
    await writeFile(this.#conf('asker'), String(await this.lab.call('resolvConf', this.plan, wish)));
  }

  #conf(taskId: string): string {
    return join(this.lab.host.folder, `resolv-${taskId}`);
  }

  /** Runs a program inside the task with the task's resolv.conf. */
  run(...args: readonly string[]): Promise<CommandOutcome> {
    const script = 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"';
    return this.lab.inTask(
      'asker',
      'unshare',
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      script,
      'sh',
      this.#conf('asker'),
      ...args,
    );
  }

  /** The addresses that a program gives for a name, each once, sorted. */
  async addresses(program: readonly string[], name: string): Promise<readonly string[]> {
    const outcome = await this.run(...program, name);
    const words = outcome.stdout.split('\n').map((line) => line.split(' ')[0] ?? '');
    return [...new Set(words.filter((word) => word !== ''))].toSorted();
  }

  destroy(): Promise<void> {
    return this.lab.destroy();
  }
}
