import { containsAddress, parseIpv4 } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { hostNames } from './names.ts';
import { freeResolverAddress, resolverNetwork } from './resolver-network.ts';

const names = hostNames('/run/tso', '/run/tso');

test('the resolver network is link-local, internal, and never where clouds answer', (t) => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (runDir) => {
      const network = resolverNetwork(hostNames(runDir, '/run/tso'));
      const has = (address: string): boolean => containsAddress(network.subnet, parseIpv4(address) ?? 0);
      return has(network.gateway) && network.internal && !has('169.254.169.254') && !has('169.254.169.253') && !has('169.254.20.10');
    }),
  );
  t.regex(resolverNetwork(names).gateway, /^169\.254\./);
});

test('each task gets an address there that no other has, until there is none', (t) => {
  const { subnet, gateway } = resolverNetwork(names);
  const taken = new Set<string>([gateway]);
  const first = freeResolverAddress(names, taken);
  t.true(containsAddress(subnet, parseIpv4(first) ?? 0));
  t.not(freeResolverAddress(names, new Set([first])), first);
  for (let count = 0; count < 4093; count += 1) {
    const address = freeResolverAddress(names, taken);
    t.false(taken.has(address) && count > 0);
    taken.add(address);
  }
  t.throws(() => freeResolverAddress(names, taken), { message: /no address of 169\.254\.\d+\.0\/20 is free/ });
});
