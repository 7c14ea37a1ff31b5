import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The cases of the shared conformance folder, which lies beside the repository and is not part of it. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface Assertion {
  readonly path: readonly (string | number)[];
  readonly op: string;
  readonly value?: Json;
  readonly modes?: readonly string[];
  readonly zero?: boolean;
  readonly hidden?: boolean;
}

/** One project on disk and how `config` is called on it. */
export interface ProjectCase {
  readonly files: Readonly<Record<string, string>>;
  readonly config_files?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly env_files?: readonly string[];
  readonly project_name?: string;
  readonly project_directory?: string;
  readonly profiles?: readonly string[];
  readonly services?: readonly string[];
  readonly cwd?: string;
  readonly relative_paths_ok?: boolean;
  readonly expect?: readonly Assertion[];
  readonly same_as?: { readonly files: Readonly<Record<string, string>>; readonly config_files: readonly string[] };
}

export interface Case extends Omit<ProjectCase, 'files'> {
  readonly files?: Readonly<Record<string, string>>;
  readonly name: string;
  readonly kind: string;
  readonly modes?: readonly string[];
  readonly error?: Readonly<Record<string, Json>>;
  readonly may_fail?: boolean;
  readonly warnings?: number;
  readonly cli?: ProjectCase;
  readonly template?: string;
  readonly expression?: string;
  readonly tree?: Json;
  readonly casts?: readonly string[];
  readonly content?: string;
  readonly contents?: readonly string[];
  readonly semantics?: 'parse' | 'read' | 'load' | 'env-files';
  readonly spec?: string;
  readonly input?: string;
  readonly hosts?: readonly string[];
  readonly path?: string;
  readonly list?: readonly string[];
  readonly nil_when_unset?: boolean;
  /** Of a case about dependencies: the services taking part, and those whose profiles are off. */
  readonly disabled?: Readonly<Record<string, Json>>;
}

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../../shared/conformance/compose');

export const casesPresent = existsSync(folder);

/** Every case, in the order of the files; none when the folder is not there. */
export const allCases: readonly Case[] = !casesPresent
  ? []
  : readdirSync(folder)
      .filter((file) => file.endsWith('.jsonl'))
      .toSorted()
      .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'))
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as Case);

/** Every case of these kinds, in the order of the files. */
export const casesOf = (...kinds: readonly string[]): readonly Case[] => allCases.filter(({ kind }) => kinds.includes(kind));
