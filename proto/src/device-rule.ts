/** What may be done with devices of a kind: a number that is left out is every number. */
export interface DeviceRule {
  readonly type: 'a' | 'b' | 'c';
  readonly major?: number;
  readonly minor?: number;
  /** Some of r, w and m (mknod), each once. */
  readonly access: string;
}

const pattern = /^([abc]) (\d{1,10}|\*):(\d{1,10}|\*) ([rwm]{1,3})$/;
const largest = { major: 0xfff, minor: 0xfffff } as const;

const isType = (text: string | undefined): text is DeviceRule['type'] => text === 'a' || text === 'b' || text === 'c';

/**
 * A rule as the kernel writes it, `c 1:3 rwm`, `b 8:* r`, `a *:* rwm` (cgroup-v1/devices.rst); or why it is none, to go behind the rule in a sentence.
 */
export const parseDeviceRule = (text: string): DeviceRule | string => {
  const [, type, major = '', minor = '', access = ''] = pattern.exec(text) ?? [];
  if (!isType(type) || new Set(access).size < access.length) return 'is not a rule for devices';
  for (const [word, number] of [
    ['major', major],
    ['minor', minor],
  ] as const)
    if (number !== '*' && Number(number) > largest[word]) return `names no device: there is no ${word} number above ${largest[word]}`;
  // The kernel takes the type "a" as: all devices, whatever numbers stand beside it. Only what says so is taken as that.
  if (type === 'a' && (major !== '*' || minor !== '*')) return 'would mean all devices: the type a takes no numbers';
  return {
    type,
    ...(major === '*' ? {} : { major: Number(major) }),
    ...(minor === '*' ? {} : { minor: Number(minor) }),
    access,
  };
};

/** How a rule is written, for hints. */
export const deviceRuleForm = 'a, b or c, the numbers or *, and what is allowed: c 1:3 rwm';
