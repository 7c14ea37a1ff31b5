import { emptyPort, PublishMode } from '@tso/proto';
import test from 'ava';
import { serviceSpec } from '../testing/specs.ts';
import { usesIngressPorts } from './ingress-ports.ts';

const port = (mode: PublishMode) => ({ ...emptyPort, target: 80, published: 8080, mode });

test('a service is on the ingress network when every node answers on one of its ports', (t) => {
  t.true(usesIngressPorts(serviceSpec('web', { ports: [port(PublishMode.HOST), port(PublishMode.INGRESS)] })));
  t.false(usesIngressPorts(serviceSpec('web', { ports: [port(PublishMode.HOST)] })));
  t.false(usesIngressPorts(serviceSpec('web')));
  t.false(usesIngressPorts(serviceSpec('web', { ports: [port(PublishMode.INGRESS)], task: { networkMode: 'host' } })));
});
