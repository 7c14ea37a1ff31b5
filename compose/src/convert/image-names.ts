import { imageNameProblem } from '@tso/proto';
import { envFileCodes } from '../document.ts';
import type { ServiceModel } from '../model.ts';
import { pathText, type TreePath } from '../tree.ts';
import { imageOf } from './builds.ts';
import { type ConvertInput, tell } from './context.ts';

/** Names that no image can have, by distribution/reference, told where they stand (E202). A mount's may be a template, which only the node can fill in. */
export const checkImageNames = (input: ConvertInput, service: ServiceModel, name: string): void => {
  // What a missing env file leaves of a name is its fault.
  if (input.report.hasAny(envFileCodes)) return;
  const images = (service.volumes ?? []).map(({ type, source = '' }) => (type === 'image' && !source.includes('{{') ? source : ''));
  const named: readonly (readonly [TreePath, string | undefined])[] = [
    [['image'], service.image],
    ...(service.pre_start ?? []).map(({ image }, index) => [['pre_start', index, 'image'], image] as const),
    ...images.map((source, index) => [['volumes', index, 'source'], source] as const),
  ];
  for (const [below, image = ''] of named) {
    const problem = image.trim() === '' ? undefined : imageNameProblem(image);
    const path = ['services', name, ...below];
    if (problem !== undefined) tell(input, 'E202', path, `${pathText(path)}: ${problem.message}`, problem.hint);
  }
  if (service.build === undefined || (service.image ?? '') !== '') return;
  const built = imageOf(input, service, name);
  const problem = imageNameProblem(built);
  const path = ['services', name, 'build'];
  const hint = `name the image beside it: image: ${built.toLowerCase()}`;
  if (problem !== undefined) tell(input, 'E202', path, `${pathText(path)}: ${problem.message}`, hint);
};
