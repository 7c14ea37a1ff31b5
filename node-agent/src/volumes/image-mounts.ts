import type { IdShift, Image, Images, Rootfses } from '../image/types.ts';

/** Images that tasks have mounted as folders: each task its own view, since nothing of it may be seen elsewhere, made of shared layers. */
export class ImageMounts {
  readonly #images: Pick<Images, 'layerFolders'>;
  readonly #views: Rootfses;

  /** @param ports.views apart from the root filesystems of containers */
  constructor(ports: { readonly images: Pick<Images, 'layerFolders'>; readonly views: Rootfses }) {
    this.#images = ports.images;
    this.#views = ports.views;
  }

  /** The folder with the image's files, mounted. */
  async mount(taskId: string, image: Image, shift: IdShift | undefined): Promise<string> {
    const layers = await this.#images.layerFolders(image, shift);
    return this.#views.mount(`${taskId}.${image.digest.slice(-16)}`, layers, shift);
  }

  /** Unmounts those whose task is one of them. */
  async removeWhere(isDoomed: (taskId: string) => boolean): Promise<void> {
    for (const id of await this.#views.list()) if (isDoomed(id.split('.')[0] ?? '')) await this.#views.remove(id);
  }
}
