import { capabilityNames, capabilityOf, signalNames, signalNumberOf, ulimitNames } from '@tso/proto';
import type { ServiceModel, UlimitsModel } from '../model.ts';
import type { TreePath } from '../tree.ts';
import { type ConvertInput, tell } from './context.ts';

const checkUlimitNames = (input: ConvertInput, ulimits: UlimitsModel | undefined, at: TreePath): void => {
  for (const key of Object.keys(ulimits ?? {})) {
    if (ulimitNames.includes(key.toLowerCase())) continue;
    const hint = input.report.meantHint(key, () => ulimitNames) ?? `there are: ${ulimitNames.join(', ')}`;
    tell(input, 'E202', [...at, 'ulimits', key], `'${key}' is not a limit of processes`, hint);
  }
};

/** Names of capabilities, signals and limits that Linux does not have, told where they stand: a node would only find out at the start of a task (E202). */
export const checkLinuxWords = (input: ConvertInput, service: ServiceModel, name: string): void => {
  const at = ['services', name];
  for (const key of ['cap_add', 'cap_drop'] as const) {
    for (const [index, said] of (service[key] ?? []).entries()) {
      if (capabilityOf(said) !== undefined) continue;
      const hint =
        input.report.meantHint(said, () => capabilityNames.map((full) => full.slice('CAP_'.length))) ??
        'write one of capabilities(7), such as NET_ADMIN';
      tell(input, 'E202', [...at, key, index], `'${said}' is not a capability`, hint);
    }
  }
  checkUlimitNames(input, service.ulimits, at);
  checkUlimitNames(input, service.build?.ulimits, [...at, 'build']);
  const signal = service.stop_signal ?? '';
  if (signal === '' || signalNumberOf(signal) !== undefined) return;
  const hint =
    input.report.meantHint(signal, () => signalNames.map((short) => `SIG${short}`)) ??
    'use a name such as SIGTERM, or a number from 1 to 64';
  tell(input, 'E202', [...at, 'stop_signal'], `'${signal}' is not a signal`, hint);
};
