import { join } from 'node:path';
import test from 'ava';
import { programPath, runCommand } from '../../node-agent/src/host-command.ts';

test('no connection is refused while those whom a draw leads to are changed', async (t) => {
  const race = join(import.meta.dirname, 'support/draw-race.ts');
  const script = 'ip link set lo up && exec "$0" "$@"';
  const { stdout } = await runCommand('unshare', ['--net', 'sh', '-c', script, process.execPath, race, programPath('nft'), '40000']);
  const { changes, refused } = JSON.parse(stdout) as { readonly changes: number; readonly refused: number };
  t.log(`${changes} changes`);
  t.true(changes > 100, `${changes} changes`);
  t.is(refused, 0);
});
