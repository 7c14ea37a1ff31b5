import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Task, TsoError } from '@tso/proto';
import { etcHosts, hostnameOf } from '../../network/etc-hosts.ts';
import type { Networks, TaskNetworkPlan } from '../../network/types.ts';
import { type AgentPaths, etcFilesDir } from '../../paths.ts';
import type { Step, StepContext } from '../step.ts';

const planOf = (task: Task): TaskNetworkPlan => ({
  taskId: task.id,
  ownNamespace: task.spec.networkMode !== 'host',
  attachments: task.spec.networkMode === '' ? task.networks : [],
  wishes: task.spec.networks,
  networkOf: task.networkOf,
  links: task.spec.links,
  stack: task.stack,
  serviceName: task.serviceName,
  sysctls: Object.fromEntries(Object.entries(task.spec.container.sysctls).filter(([name]) => name.startsWith('net.'))),
});

/** Of what others' networks a task lives in; the manager says which task that is before it places this one. */
const isShared = ({ spec }: Task): boolean => /^(service|container):/.test(spec.networkMode);

/** The host's own hosts file; a host without one has no names in it. */
const hostFile = (): Promise<string> => readFile('/etc/hosts', 'utf8').catch(() => '');

/** Its network namespace with interfaces, and the three files in /etc that tell it who and where it is. */
export class NetworkStep implements Step {
  readonly #networks: Networks;
  readonly #paths: AgentPaths;
  readonly #hostHostname: string;

  constructor(options: { readonly paths: AgentPaths; readonly hostHostname: string }, ports: { readonly networks: Networks }) {
    this.#paths = options.paths;
    this.#hostHostname = options.hostHostname;
    this.#networks = ports.networks;
  }

  async do({ task, state, say }: StepContext): Promise<void> {
    say('connecting its networks');
    const plan = planOf(task);
    if (isShared(task) && plan.networkOf === '') {
      throw new TsoError('FAILED_PRECONDITION', `it is to share a network (${task.spec.networkMode}), and no task was found that has it`);
    }
    const [attached, written] = await Promise.allSettled([this.#networks.attach(plan), this.#writeEtcFiles(task, plan)]);
    // Both have ended before either fails: what is undone then is not written again behind its back.
    if (attached.status === 'rejected') throw attached.reason;
    if (written.status === 'rejected') throw written.reason;
    state.netns = attached.value;
    if (isShared(task)) state.hostname = written.value;
    state.linkEnv = this.#networks.linkVariables(plan);
  }

  async undo(task: Task): Promise<void> {
    await this.#networks.detach(task.id);
    await rm(etcFilesDir(this.#paths, task.id), { recursive: true, force: true });
  }

  /** Returns the name of the host that they say. */
  async #writeEtcFiles(task: Task, plan: TaskNetworkPlan): Promise<string> {
    const folder = etcFilesDir(this.#paths, task.id);
    // Every user of the container reads these, so the folder can be entered; its parent cannot be listed from outside.
    await mkdir(folder, { recursive: true, mode: 0o755 });
    if (plan.networkOf !== '') return this.#copyEtcFiles(folder, etcFilesDir(this.#paths, plan.networkOf));
    const hostname = hostnameOf(task, this.#hostHostname);
    const resolvConf = await this.#networks.resolvConf(plan, task.spec.container.dns);
    const hosts = etcHosts(task, hostname, {
      gateways: this.#networks.hostGateways(plan),
      hostFile: plan.ownNamespace ? undefined : await hostFile(),
    });
    const files = { hosts, hostname: `${hostname}\n`, 'resolv.conf': resolvConf };
    await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text, { mode: 0o644 })));
    return hostname;
  }

  /** Who lives in another's network is known there by the other's name, and asks where the other asks. */
  async #copyEtcFiles(folder: string, from: string): Promise<string> {
    await Promise.all(['hosts', 'hostname', 'resolv.conf'].map((name) => copyFile(join(from, name), join(folder, name))));
    return (await readFile(join(folder, 'hostname'), 'utf8')).trim();
  }
}
