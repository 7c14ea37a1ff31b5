import test from 'ava';
import { imageNamed } from '../testing/fake-host.ts';
import { chosenImages } from './chosen-images.ts';

test('the images of a task, of its hooks and those that it mounts are remembered; before they are chosen nothing is', (t) => {
  t.deepEqual(chosenImages({}), {});
  const image = imageNamed('app:1');
  t.deepEqual(chosenImages({ image }), { imageId: image.id, stopSignal: '' });
  const state = { image, mountImages: new Map([['/data', imageNamed('data:1')]]), hookImages: new Map([['tool:1', imageNamed('tool:1')]]) };
  t.deepEqual(chosenImages(state).mountImageIds, ['sha256:data:1', 'sha256:tool:1']);
});
