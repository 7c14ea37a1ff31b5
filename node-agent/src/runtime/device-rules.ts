import { deviceRuleForm, parseDeviceRule, TsoError } from '@tso/proto';
import type { OciDeviceRule } from './oci-spec.ts';

/** A rule of a compose file for the runtime. INVALID_ARGUMENT: it is none. On cgroup v2 the runtime makes a program for the kernel of it. */
export const deviceRule = (rule: string): OciDeviceRule => {
  const parsed = parseDeviceRule(rule);
  if (typeof parsed === 'string')
    throw new TsoError('INVALID_ARGUMENT', `device_cgroup_rules "${rule}" ${parsed}`, { hint: `Write ${deviceRuleForm}` });
  return { allow: true, ...parsed };
};
