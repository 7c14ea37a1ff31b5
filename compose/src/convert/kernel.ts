import { type Blkio, type ContainerSpec, deviceRuleForm, parseDeviceRule } from '@tso/proto';
import { meantHint } from '../diagnostics.ts';
import type { DeviceLimitModel, ServiceModel } from '../model.ts';
import { isAbsolutePath } from '../paths.ts';
import { pathText, type TreePath } from '../tree.ts';
import { parseBytes, parseDuration } from '../units.ts';
import { type ConvertInput, tell } from './context.ts';

/** What a service asks of cgroups and of the program that makes containers. What a node's kernel cannot do is said by the task that ends up there. */

const toDevicePath = (input: ConvertInput, said: string | undefined, path: TreePath): string => {
  if (said === undefined || said === '') tell(input, 'E203', path, `${pathText(path)} lacks the key 'path'`, 'add path: /dev/sda');
  else if (!isAbsolutePath(said))
    tell(input, 'E202', [...path, 'path'], `'${said}' is not the path of a device`, 'write one like /dev/sda');
  return said ?? '';
};

const toRates = (input: ConvertInput, limits: readonly DeviceLimitModel[] | undefined, at: TreePath) =>
  (limits ?? []).map((limit, index) => {
    const path = [...at, index];
    const rate = parseBytes(limit.rate ?? '');
    if (limit.rate === undefined) tell(input, 'E203', path, `${pathText(path)} lacks the key 'rate'`, 'add rate: 12mb');
    else if (rate === undefined || rate <= 0)
      tell(input, 'E202', [...path, 'rate'], `'${limit.rate}' is no rate that a device can be held to`, 'write a number above 0: 12mb');
    return { path: toDevicePath(input, limit.path, path), rate: rate ?? 0 };
  });

const toWeight = (input: ConvertInput, said: number | undefined, path: TreePath): number => {
  if (said === undefined || said === 0) return 0;
  if (said >= 10 && said <= 1000) return said;
  tell(input, 'E402', path, `the weight ${said} is not one that the kernel takes (${pathText(path)})`, 'write a number from 10 to 1000');
  return 0;
};

/** Shares and limits of block devices; undefined: none were said. */
const toBlkio = (input: ConvertInput, service: ServiceModel, name: string): Blkio | undefined => {
  const said = service.blkio_config;
  if (said === undefined) return undefined;
  const path = ['services', name, 'blkio_config'];
  return {
    weight: toWeight(input, said.weight, [...path, 'weight']),
    weightDevice: (said.weight_device ?? []).map((device, index) => {
      const at = [...path, 'weight_device', index];
      if (device.weight === undefined) tell(input, 'E203', at, `${pathText(at)} lacks the key 'weight'`, 'add weight: 500');
      return { path: toDevicePath(input, device.path, at), weight: toWeight(input, device.weight, [...at, 'weight']) };
    }),
    readBps: toRates(input, said.device_read_bps, [...path, 'device_read_bps']),
    writeBps: toRates(input, said.device_write_bps, [...path, 'device_write_bps']),
    readIops: toRates(input, said.device_read_iops, [...path, 'device_read_iops']),
    writeIops: toRates(input, said.device_write_iops, [...path, 'device_write_iops']),
  };
};

/** Names of groups below one another, as the manager takes them too. */
const mostCgroupSteps = 8;

/** Relative to the node's own cgroup, so that a file cannot reach what is not the cluster's. */
const toCgroupParent = (input: ConvertInput, service: ServiceModel, name: string): string => {
  const said = service.cgroup_parent ?? '';
  if (said === '') return '';
  const path = ['services', name, 'cgroup_parent'];
  const steps = said.split('/');
  if (isAbsolutePath(said) || steps.some((step) => step === '..' || step === '.' || step === '')) {
    const message = `cgroup_parent: ${said} does not lie below the cgroup of the node, where containers are`;
    tell(input, 'E401', path, message, 'write a path that neither begins nor ends with / and has no .. in it: batch, or team/batch');
    return '';
  }
  if (steps.length > mostCgroupSteps) {
    const message = `cgroup_parent has ${steps.length} names below one another; the most are ${mostCgroupSteps}`;
    tell(input, 'E402', path, message, 'write a shorter path: team/batch');
    return '';
  }
  if (steps.every((step) => /^[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,63}$/.test(step))) return said;
  tell(input, 'E202', path, `'${said}' is not a path of cgroups`, 'use letters, digits, dash, dot and underscore');
  return '';
};

const toDeviceRules = (input: ConvertInput, service: ServiceModel, name: string): readonly string[] =>
  (service.device_cgroup_rules ?? []).map((rule, index) => {
    const parsed = parseDeviceRule(rule);
    if (typeof parsed === 'string')
      tell(input, 'E202', ['services', name, 'device_cgroup_rules', index], `'${rule}' ${parsed}`, `write ${deviceRuleForm}`);
    return rule;
  });

/** -1 leaves it to the host, as does nothing. */
const toSwappiness = (input: ConvertInput, service: ServiceModel, name: string): number | undefined => {
  const said = service.mem_swappiness;
  if (said === undefined || said === -1) return undefined;
  if (said >= 0 && said <= 100) return said;
  tell(input, 'E402', ['services', name, 'mem_swappiness'], `mem_swappiness cannot be ${said}`, 'write a number from 0 to 100');
  return undefined;
};

/** Microseconds: `95000`, or a duration. */
const toRealtime = (input: ConvertInput, service: ServiceModel, name: string, key: 'cpu_rt_runtime' | 'cpu_rt_period'): number => {
  const said = service[key];
  if (said === undefined || said === '') return 0;
  const text = String(said);
  const nanos = parseDuration(text);
  const micros = /^\d+$/.test(text) ? Number(text) : nanos === undefined ? Number.NaN : Math.round(nanos / 1000);
  if (micros >= 0 && Number.isSafeInteger(micros)) return micros;
  tell(input, 'E202', ['services', name, key], `'${text}' is not a time for ${key}`, 'write microseconds, or a duration: 400ms');
  return 0;
};

const runtimes: Readonly<Record<string, string>> = { crun: 'crun', runc: 'runc', 'io.containerd.runc.v2': 'runc' };

const toRuntime = (input: ConvertInput, service: ServiceModel, name: string): string => {
  const said = service.runtime ?? '';
  const known = Object.hasOwn(runtimes, said) ? runtimes[said] : undefined;
  if (said === '' || known !== undefined) return known ?? '';
  const hint = meantHint(said, Object.keys(runtimes)) ?? "use crun or runc, or leave it out for the node's own";
  tell(input, 'E401', ['services', name, 'runtime'], `the runtime ${said} is not supported yet`, hint);
  return '';
};

type Kernel = Pick<
  ContainerSpec,
  'blkio' | 'cgroupParent' | 'deviceCgroupRules' | 'oomKillDisable' | 'memSwappiness' | 'cpuRtRuntimeUs' | 'cpuRtPeriodUs' | 'runtime'
>;

/** That part of a container's wish (E202, E203, E401, E402). */
export const toKernel = (input: ConvertInput, service: ServiceModel, name: string): Kernel => {
  const blkio = toBlkio(input, service, name);
  const memSwappiness = toSwappiness(input, service, name);
  const cpuRtRuntimeUs = toRealtime(input, service, name, 'cpu_rt_runtime');
  const cpuRtPeriodUs = toRealtime(input, service, name, 'cpu_rt_period');
  if (cpuRtPeriodUs > 0 && cpuRtRuntimeUs > cpuRtPeriodUs) {
    const message = `service ${name} asks for ${cpuRtRuntimeUs} µs of realtime in each ${cpuRtPeriodUs} µs`;
    tell(input, 'E304', ['services', name, 'cpu_rt_runtime'], message, 'write a runtime up to the period');
  }
  return {
    ...(blkio === undefined ? {} : { blkio }),
    cgroupParent: toCgroupParent(input, service, name),
    deviceCgroupRules: toDeviceRules(input, service, name),
    oomKillDisable: service.oom_kill_disable === true,
    ...(memSwappiness === undefined ? {} : { memSwappiness }),
    cpuRtRuntimeUs,
    cpuRtPeriodUs,
    runtime: toRuntime(input, service, name),
  };
};
