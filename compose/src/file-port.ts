/** What the pure parts ask of the disk. Paths are absolute. */
export interface FilePort {
  /** The file's text; throws FileProblem. */
  readonly read: (path: string) => string;
  /** The file's bytes, whatever they mean; throws FileProblem. */
  readonly readBytes: (path: string) => Uint8Array;
  /** True when there is a readable file (not a folder) at that path. */
  readonly isFile: (path: string) => boolean;
}

/** A file that cannot be read; the reason is a short phrase: `does not exist`, `is a folder`. */
export class FileProblem extends Error {
  override readonly name = 'FileProblem';
  readonly path: string;
  readonly reason: string;
  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`${path} ${reason}`, options);
    this.path = path;
    this.reason = reason;
  }
}

const unread = (path: string): never => {
  throw new FileProblem(path, 'is not read here');
};

/** There are none. */
export const noFiles: FilePort = { read: unread, readBytes: unread, isFile: () => false };
