import type { NodeDescription } from '@tso/proto';

/** What a host can do, as far as it can be told. */
export type HostFeatures = Pick<NodeDescription, 'networkDrivers' | 'fileSystems'>;

export const unknownFeatures: HostFeatures = { networkDrivers: [], fileSystems: [] };

/** What the kernel says of itself, and of what it loads when asked. */
export interface KernelTexts {
  /** /proc/filesystems: those that are there now. */
  readonly fileSystems: string;
  /** Names in /sys/module: loaded modules, and built-in parts that have parameters. */
  readonly parts: readonly string[];
  /** Whether it can load modules (/proc/modules is there). */
  readonly loadsModules: boolean;
  /** Of its own release, below /lib/modules (depmod(8)); undefined: they cannot be read here. */
  readonly modules: { readonly alias: string; readonly dep: string; readonly builtin: string } | undefined;
}

const sortedOnce = (names: Iterable<string>): readonly string[] => [...new Set(names)].toSorted();

/** Those that are there, or that mount(2) would load by their alias; empty: nobody can tell which it would load. */
const fileSystemsOf = ({ fileSystems, loadsModules, modules }: KernelTexts): readonly string[] => {
  if (loadsModules && modules === undefined) return [];
  const present = fileSystems.split('\n').flatMap((line) => line.split('\t').at(-1)?.trim() || []);
  const loadable = [...(modules?.alias ?? '').matchAll(/^alias fs-(\S+) /gm)].flatMap(([, name]) => name ?? []);
  return sortedOnce([...present, ...loadable]);
};

/** Whether the kernel has that driver, or loads it; undefined: nobody can tell. */
const hasDriver = ({ parts, modules }: KernelTexts, name: string): boolean | undefined => {
  if (parts.includes(name)) return true;
  // What is built in without parameters stands nowhere but in the list of its release.
  if (modules === undefined) return undefined;
  const file = new RegExp(`/${name}\\.ko(?:\\.[a-z]+)?(?::|$)`, 'm');
  return file.test(modules.dep) || file.test(modules.builtin);
};

/** A task hangs on every network by a macvlan device, and networks of our own are VXLAN devices below it. */
const networkDriversOf = (texts: KernelTexts): readonly string[] => {
  const [macvlan, vxlan] = [hasDriver(texts, 'macvlan'), hasDriver(texts, 'vxlan')];
  if (macvlan === undefined || vxlan === undefined) return [];
  return sortedOnce(['host', 'none', ...(macvlan ? ['macvlan'] : []), ...(macvlan && vxlan ? ['bridge', 'overlay'] : [])]);
};

/** What a host can do, by what its kernel says; what cannot be told is left empty, and nothing is kept from it. */
export const hostFeatures = (texts: KernelTexts): HostFeatures => ({
  networkDrivers: networkDriversOf(texts),
  fileSystems: fileSystemsOf(texts),
});
