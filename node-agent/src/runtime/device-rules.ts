import { TsoError } from '@tso/proto';
import type { OciDeviceRule } from './oci-spec.ts';

const rulePattern = /^([abc])\s+(\d+|\*):(\d+|\*)\s+([rwm]{1,3})$/;
const largest = { major: 0xfff, minor: 0xfffff } as const;

const numberOf = (rule: string, part: 'major' | 'minor', text: string): number | undefined => {
  if (text === '*') return undefined;
  const number = Number(text);
  if (number <= largest[part]) return number;
  throw new TsoError('INVALID_ARGUMENT', `device_cgroup_rules "${rule}": there is no ${part} number above ${largest[part]}`);
};

/**
 * What may be done with devices, as the kernel writes it: `c 1:3 rwm`, `b 8:* r`, `a *:* rwm` (cgroup-v1/devices.rst). INVALID_ARGUMENT: not such a
 * rule. On cgroup v2 the runtime makes a program for the kernel of it.
 */
export const deviceRule = (rule: string): OciDeviceRule => {
  const [, type, major, minor, access] = rulePattern.exec(rule.trim()) ?? [];
  if (type === undefined || major === undefined || minor === undefined || access === undefined || new Set(access).size < access.length) {
    throw new TsoError('INVALID_ARGUMENT', `device_cgroup_rules "${rule}" is none`, {
      hint: 'Write TYPE MAJOR:MINOR ACCESS, such as c 1:3 rwm: a, b or c; numbers or *; some of r, w, m',
    });
  }
  const [majorNumber, minorNumber] = [numberOf(rule, 'major', major), numberOf(rule, 'minor', minor)];
  // The kernel takes the type "a" as: all devices, whatever numbers stand beside it. Only what says so is taken as that.
  if (type === 'a' && (majorNumber !== undefined || minorNumber !== undefined)) {
    throw new TsoError('INVALID_ARGUMENT', `device_cgroup_rules "${rule}" would mean all devices: the type a takes no numbers`, {
      hint: 'Say b or c for devices with these numbers, or a *:*',
    });
  }
  return {
    allow: true,
    type: type === 'a' ? 'a' : type === 'b' ? 'b' : 'c',
    ...(majorNumber === undefined ? {} : { major: majorNumber }),
    ...(minorNumber === undefined ? {} : { minor: minorNumber }),
    access,
  };
};
