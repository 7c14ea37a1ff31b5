import type { SecretView } from '@tso/proto';
import test from 'ava';
import { configRow, dataText, fileCells, fileDetails, secretRow } from './file-row.ts';

const meta = { version: 9, createdAtMs: 1_700_000_000_000, updatedAtMs: 1_700_000_060_000 };
const view: SecretView = { name: 'visits_key', labels: { a: '1', b: '2' }, meta, stack: 'visits', sizeBytes: 12, usedBy: ['visits_web'] };

test('a secret is shown with everything but what it holds', (t) => {
  const row = secretRow(view);
  t.deepEqual(row, {
    name: 'visits_key',
    stack: 'visits',
    sizeBytes: 12,
    services: ['visits_web'],
    labels: { a: '1', b: '2' },
    createdAt: '2023-11-14T22:13:20.000Z',
    updatedAt: '2023-11-14T22:14:20.000Z',
    version: 9,
  });
  t.deepEqual(fileCells(row), ['visits_key', 'visits', '12 B', '2023-11-14T22:14:20.000Z', 'visits_web']);
  t.deepEqual(
    fileDetails(row).filter(([, value]) => value.includes('=')),
    [
      ['Labels', 'a=1'],
      ['', 'b=2'],
    ],
  );
  const steering = secretRow({ ...view, labels: { b: '\u001b[2J\nName: other', a: '' } });
  t.deepEqual(fileDetails(steering).slice(4, 6), [
    ['Labels', 'a'],
    ['', 'b= [2J Name: other'],
  ]);
});

test('a config has its size and users from beside it, since a list comes without data', (t) => {
  const config = { id: 'c', name: 'c', labels: {}, data: new Uint8Array(), stack: '', meta };
  t.like(configRow(config, { sizeBytes: 7, usedBy: [] }), { name: 'c', stack: '', sizeBytes: 7, services: [], version: 9 });
});

test('what a config holds is text where it is text, else base64; a byte order mark stays', (t) => {
  t.deepEqual(dataText(Buffer.from('grüße\n')), { data: 'grüße\n', encoding: 'utf-8' });
  t.deepEqual(dataText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), { data: '\ufeffa', encoding: 'utf-8' });
  t.deepEqual(dataText(Uint8Array.of(0xff, 0x00, 0x80)), { data: '/wCA', encoding: 'base64' });
});
