// node test/bench/profile-top.ts FILE.cpuprofile [COUNT] [FROM_SECONDS]: where a process spent its time, by function, then by file.
import { readFileSync } from 'node:fs';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}
interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const [path = '', count = '40', from = '0'] = process.argv.slice(2);
const profile = JSON.parse(readFileSync(path, 'utf8')) as Profile;
const selfUs = new Map<number, number>();
let atUs = 0;
for (const [index, id] of profile.samples.entries()) {
  const us = profile.timeDeltas[index] ?? 0;
  atUs += us;
  if (atUs > Number(from) * 1e6) selfUs.set(id, (selfUs.get(id) ?? 0) + us);
}
const totalUs = [...selfUs.values()].reduce((sum, us) => sum + us, 0);
const idle = new Set(profile.nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id));
const busyUs = totalUs - [...idle].reduce((sum, id) => sum + (selfUs.get(id) ?? 0), 0);

const fileOf = ({ url }: ProfileNode['callFrame']): string =>
  url.replace(/^file:\/\//, '').replace(/^.*\/(node_modules|manager|proto)\//, '$1/');

const print = (title: string, nameOf: (node: ProfileNode) => string): void => {
  const sums = new Map<string, number>();
  for (const node of profile.nodes) {
    if (!idle.has(node.id)) sums.set(nameOf(node), (sums.get(nameOf(node)) ?? 0) + (selfUs.get(node.id) ?? 0));
  }
  console.log(`${title} (of ${(busyUs / 1e6).toFixed(1)} s busy, ${((100 * busyUs) / totalUs).toFixed(0)} % of the time)`);
  for (const [name, us] of [...sums].sort((a, b) => b[1] - a[1]).slice(0, Number(count)))
    console.log(`  ${((100 * us) / busyUs).toFixed(1).padStart(5)} %  ${name}`);
};

print('by function', ({ callFrame }) => `${callFrame.functionName || '(anonymous)'} ${fileOf(callFrame)}:${callFrame.lineNumber + 1}`);
print('by file', ({ callFrame }) => fileOf(callFrame) || callFrame.functionName);
