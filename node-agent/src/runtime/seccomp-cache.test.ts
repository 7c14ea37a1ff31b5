import test from 'ava';
import type { OciConfig } from './oci-spec.ts';
import { SeccompCache } from './seccomp-cache.ts';

const configWith = (seccomp: object | undefined): OciConfig =>
  ({ annotations: { team: 'a' }, linux: seccomp === undefined ? {} : { seccomp } }) as unknown as OciConfig;
const profile = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [] };

test('a filter is used for the same profile again, and for no other', (t) => {
  const cache = new SeccompCache();
  t.deepEqual(cache.apply(configWith(profile)), configWith(profile));
  cache.learn(configWith(profile), Uint8Array.of(1, 2, 3));
  t.deepEqual(cache.apply(configWith(profile)).annotations, { team: 'a', 'run.oci.seccomp_bpf_data': 'AQID' });
  t.deepEqual(cache.apply(configWith({ ...profile, defaultAction: 'SCMP_ACT_KILL' })).annotations, { team: 'a' });
});

test('no profile, and nothing compiled, leave nothing to use', (t) => {
  const cache = new SeccompCache();
  cache.learn(configWith(undefined), Uint8Array.of(1));
  cache.learn(configWith(profile), undefined);
  cache.learn(configWith(profile), new Uint8Array(0));
  t.deepEqual(cache.apply(configWith(undefined)).annotations, { team: 'a' });
  t.deepEqual(cache.apply(configWith(profile)).annotations, { team: 'a' });
});
