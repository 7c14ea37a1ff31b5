import test from 'ava';
import { portTrouble, portTroubleOf } from './port-trouble.ts';

test('why a node does not answer on a port is found again, for that service alone', (t) => {
  const trouble = portTrouble('shop_web', 'port 80/tcp is taken on this host by nginx (pid 812)');
  t.is(portTroubleOf('shop_web', trouble), 'port 80/tcp is taken on this host by nginx (pid 812)');
  t.is(portTroubleOf('shop_we', trouble), undefined);
  t.is(portTroubleOf('shop_web', 'another firewall drops forwarded packets'), undefined);
});
