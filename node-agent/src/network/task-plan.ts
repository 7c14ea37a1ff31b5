import { type NetworkAllocation, TsoError } from '@tso/proto';
import { macOf, requireAddress, requireMac } from './address.ts';
import { isObject } from './json.ts';
import type { Attachment } from './overlay.ts';
import type { WishedNetwork } from './plan.ts';
import type { TaskNetworkPlan } from './types.ts';

/** What was made for a task: written beside its namespace once that is complete, so that a restarted agent knows it. */
export interface AttachedTask {
  readonly taskId: string;
  readonly attachments: readonly Attachment[];
  readonly sysctls: Readonly<Record<string, string>>;
}

/** What may be the name of a namespace file: our ids, and nothing that leads out of the folder. */
export const isFileId = (text: string): boolean => /^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$/.test(text);

/** `net.…` with neither path parts nor anything sysctl(8) would read as an option. */
const sysctlPattern = /^net\.[A-Za-z0-9_][A-Za-z0-9_./-]*$/;

const checkSysctls = (sysctls: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(sysctls)) {
    if (!sysctlPattern.test(name) || name.includes('..'))
      throw new TsoError('INVALID_ARGUMENT', `sysctl ${name} is not one of a network namespace (net.…)`);
    if (/[\n\0]/.test(value)) throw new TsoError('INVALID_ARGUMENT', `the value of sysctl ${name} has more than one line`);
  }
};

const attachmentOf = (allocation: NetworkAllocation, index: number, network: WishedNetwork): Attachment => {
  const address = requireAddress(allocation.address, `address on network ${network.name}`);
  return {
    networkId: network.id,
    networkName: network.name,
    vni: network.vni,
    device: `eth${index}`,
    address,
    prefixLength: network.subnet.prefixLength,
    mac: requireMac(allocation.mac === '' ? macOf(address) : allocation.mac, `MAC address on network ${network.name}`),
    gateway: network.gateway,
    internal: network.internal,
  };
};

/**
 * A task's wish with all that its networks say. FAILED_PRECONDITION when this host does not have a network (yet).
 */
export const resolveTask = (plan: TaskNetworkPlan, networks: ReadonlyMap<string, WishedNetwork>): AttachedTask => {
  if (!isFileId(plan.taskId)) throw new TsoError('INVALID_ARGUMENT', `"${plan.taskId}" is not a task id`);
  checkSysctls(plan.sysctls);
  const attachments = plan.attachments.map((allocation, index) => {
    const network = networks.get(allocation.networkId);
    if (network === undefined) throw new TsoError('FAILED_PRECONDITION', `network ${allocation.networkId} is not on this host yet`);
    return attachmentOf(allocation, index, network);
  });
  return { taskId: plan.taskId, attachments, sysctls: plan.sysctls };
};

/** Stable text: equal for equal tasks. */
export const encodeTask = (task: AttachedTask): string => {
  const sysctls = Object.fromEntries(Object.entries(task.sysctls).toSorted(([a], [b]) => a.localeCompare(b)));
  return JSON.stringify({ taskId: task.taskId, attachments: task.attachments, sysctls });
};

const isAttachment = (value: unknown): value is Attachment =>
  isObject(value) &&
  ['networkId', 'networkName', 'device', 'address', 'mac', 'gateway'].every((key) => typeof value[key] === 'string') &&
  ['vni', 'prefixLength'].every((key) => typeof value[key] === 'number') &&
  typeof value.internal === 'boolean';

const isTexts = (value: unknown): value is Readonly<Record<string, string>> =>
  isObject(value) && Object.values(value).every((text) => typeof text === 'string');

/** What encodeTask wrote; undefined for anything else: the task is then made anew. */
export const decodeTask = (text: string): AttachedTask | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value) || typeof value.taskId !== 'string' || !Array.isArray(value.attachments) || !isTexts(value.sysctls))
      return undefined;
    return value.attachments.every(isAttachment)
      ? { taskId: value.taskId, attachments: value.attachments, sysctls: value.sysctls }
      : undefined;
  } catch {
    // Half-written by a crash.
    return undefined;
  }
};
