import test from 'ava';
import { imageArchitecture } from './architecture.ts';

test('families of processors are called as images call them', (t) => {
  t.deepEqual(['x64', 'ia32', 'ppc64', 'arm64', 'arm', 's390x', 'riscv64', 'loong64'].map(imageArchitecture), [
    ...['amd64', '386', 'ppc64le', 'arm64', 'arm', 's390x', 'riscv64', 'loong64'],
  ]);
});
