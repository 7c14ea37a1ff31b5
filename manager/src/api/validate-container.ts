import {
  type Blkio,
  type ContainerSpec,
  deviceRuleForm,
  type Hook,
  isDigest,
  parseDeviceRule,
  type ServiceSpec,
  type TsoError,
} from '@tso/proto';
import { invalid, textBytes } from './validate-shared.ts';

type Problems = Iterable<TsoError>;

/** How many hooks of one kind a service may have: more is a program, which belongs into the image. */
const mostHooks = 32;
const mostAnnotationBytes = 64 * 1024;
const mostDevices = 256;
const mostCgroupSteps = 8;

const isAbsolute = (path: string): boolean => path.startsWith('/');

const hookProblems = function* (at: string, word: string, hooks: readonly Hook[]): Problems {
  if (hooks.length > mostHooks) yield invalid(`${at}: ${hooks.length} hooks are more than the ${mostHooks} that ${word} may have`);
  for (const [index, { command, workingDir, env, image }] of hooks.entries()) {
    const which = `${at}: ${word}[${index}]`;
    if (command.some((part) => part.includes('\0'))) yield invalid(`${which} has a zero byte in its command`);
    if (word !== 'pre_start') {
      if (command.length === 0 || command[0] === '') yield invalid(`${which} has no command`, 'Give it the program and its arguments');
      if (image !== '') yield invalid(`${which} runs in the container, and has an image of its own`, 'Leave image out');
    }
    if (workingDir !== '' && !isAbsolute(workingDir)) yield invalid(`${which}: working_dir "${workingDir}" is not an absolute path`);
    for (const entry of env) {
      // The value may be a password: the name alone is told.
      const [name = ''] = entry.split('=', 1);
      if (name === '' || !entry.includes('=')) yield invalid(`${which}: a variable of its environment is not KEY=value`);
    }
  }
};

const weightProblem = (what: string, weight: number): TsoError | undefined =>
  weight === 0 || (weight >= 10 && weight <= 1000) ? undefined : invalid(`${what} cannot be ${weight}`, 'Weights go from 10 to 1000');

const blkioProblems = function* (at: string, blkio: Blkio): Problems {
  const own = weightProblem(`${at}: blkio_config.weight`, blkio.weight);
  if (own !== undefined) yield own;
  const rates = {
    device_read_bps: blkio.readBps,
    device_write_bps: blkio.writeBps,
    device_read_iops: blkio.readIops,
    device_write_iops: blkio.writeIops,
  };
  const devices = [...blkio.weightDevice, ...Object.values(rates).flat()];
  if (devices.length > mostDevices) yield invalid(`${at}: blkio_config names ${devices.length} devices, it may name ${mostDevices}`);
  for (const { path } of devices)
    if (!isAbsolute(path)) yield invalid(`${at}: blkio_config names "${path}", which is not the path of a device`);
  for (const { path, weight } of blkio.weightDevice) {
    const problem = weightProblem(`${at}: blkio_config.weight_device of ${path}`, weight);
    if (problem !== undefined) yield problem;
  }
  for (const [word, list] of Object.entries(rates))
    for (const { path, rate } of list)
      if (rate <= 0) yield invalid(`${at}: blkio_config.${word} of ${path} cannot be ${rate}`, 'Write a number above 0');
};

const isCgroupPath = (path: string): boolean => {
  const steps = path.split('/');
  return steps.length <= mostCgroupSteps && steps.every((step) => /^[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,63}$/.test(step));
};

const cgroupProblems = function* (at: string, container: ContainerSpec): Problems {
  const { cgroupParent, blkio, deviceCgroupRules, memSwappiness, cpuRtRuntimeUs, cpuRtPeriodUs } = container;
  if (cgroupParent !== '' && !isCgroupPath(cgroupParent))
    yield invalid(
      `${at}: cgroup_parent "${cgroupParent}" does not lie below the cgroup of the node`,
      `Write a relative path of up to ${mostCgroupSteps} names without ..: team/batch`,
    );
  if (blkio !== undefined) yield* blkioProblems(at, blkio);
  for (const rule of deviceCgroupRules) {
    const parsed = parseDeviceRule(rule);
    if (typeof parsed === 'string') yield invalid(`${at}: "${rule}" ${parsed}`, `Write ${deviceRuleForm}`);
  }
  if (memSwappiness !== undefined && memSwappiness > 100)
    yield invalid(`${at}: mem_swappiness cannot be ${memSwappiness}`, 'It goes from 0 to 100');
  if (cpuRtRuntimeUs < 0 || cpuRtPeriodUs < 0) yield invalid(`${at}: a realtime of the processor is negative`);
  else if (cpuRtPeriodUs > 0 && cpuRtRuntimeUs > cpuRtPeriodUs)
    yield invalid(`${at}: ${cpuRtRuntimeUs} µs of realtime do not fit into a period of ${cpuRtPeriodUs} µs`, 'Lower cpu_rt_runtime');
};

const annotationProblems = function* (at: string, annotations: ContainerSpec['annotations']): Problems {
  for (const [key, value] of Object.entries(annotations)) {
    if (key === '' || key.includes('\0') || value.includes('\0')) yield invalid(`${at}: an annotation has no name, or a zero byte in it`);
  }
  const bytes = textBytes(annotations);
  if (bytes > mostAnnotationBytes) yield invalid(`${at}: its annotations take up to ${bytes} bytes, they may take ${mostAnnotationBytes}`);
};

const isShared = (mode: string): boolean => /^(?:service|container):./.test(mode);

const namespaceProblems = function* (at: string, { pidMode, ipcMode, utsMode, cgroupMode, usernsMode }: ContainerSpec): Problems {
  const modes = [
    ['pid', pidMode, ['host'], true],
    ['ipc', ipcMode, ['host', 'private', 'shareable', 'none'], true],
    ['uts', utsMode, ['host'], false],
    ['cgroup', cgroupMode, ['host', 'private'], false],
    ['userns_mode', usernsMode, ['host'], false],
  ] as const;
  for (const [key, mode, known, mayShare] of modes) {
    if (mode === '' || (known as readonly string[]).includes(mode) || (mayShare && isShared(mode))) continue;
    const words = mayShare ? [...known, 'service:NAME', 'container:NAME'] : known;
    yield invalid(`${at}: ${key} "${mode}" is not known`, `Use ${words.join(', ')}, or leave it out`);
  }
};

/** What is wrong with a container's wish beside its mounts and networks. No sentence has a value of its environment. */
export const containerProblems = function* (at: string, { task }: ServiceSpec): Problems {
  const { container } = task;
  yield* hookProblems(at, 'pre_start', container.preStart);
  yield* hookProblems(at, 'post_start', container.postStart);
  yield* hookProblems(at, 'pre_stop', container.preStop);
  yield* cgroupProblems(at, container);
  yield* annotationProblems(at, container.annotations);
  yield* namespaceProblems(at, container);
  if (!['', 'crun', 'runc'].includes(container.runtime))
    yield invalid(`${at}: the runtime "${container.runtime}" is not known`, 'Use crun or runc, or leave it out');
  if (container.pullRefreshMs < 0) yield invalid(`${at}: the age from which on its image is pulled again is negative`);
  if (container.builtDigest !== '' && !isDigest(container.builtDigest))
    yield invalid(`${at}: "${container.builtDigest}" is not the digest of an image`);
};
