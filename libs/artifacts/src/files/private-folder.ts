/** Folders of Hone's own: where they may lie, and that nobody else looks into them. */
import { existsSync, mkdirSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { invalidArgument, toHoneError } from '@hone/errors';

/** File systems that are views into the kernel (statfs(2)): nothing can be kept there, and making folders may never end. */
const KERNEL_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0x9fa0, // proc
  0x62656572, // sysfs
  0x27e0eb, // cgroup
  0x63677270, // cgroup2
  0x64626720, // debugfs
  0x74726163, // tracefs
  0x73636673, // securityfs
  0x62656570, // configfs
  0x1cd1, // devpts
  0x19800202, // mqueue
  0xcafe4a11, // bpf
]);

/** The file system that a path is in, or would be in when it is made. */
function fileSystemOf(file: string): number {
  for (let at = path.resolve(file); ; at = path.dirname(at)) {
    try {
      return statfsSync(at).type;
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      if ((code !== 'ENOENT' && code !== 'ENOTDIR') || at === path.dirname(at)) throw toHoneError(thrown);
    }
  }
}

/** Refuses a path at which nothing can be kept; `field` is what named it. */
export function requireRealFileSystem(file: string, field: string): void {
  if (!KERNEL_FILE_SYSTEMS.has(fileSystemOf(file))) return;
  throw invalidArgument(
    field,
    `${file} lies in a file system of the kernel, which keeps no files: choose another path`,
  );
}

/** Only its own account may look into it. */
const PRIVATE = 0o700;

/**
 * Makes a folder, and those above it, closed to other accounts; one that is there is left as its owner made it. Says whether it was
 * made. Throws INVALID_ARGUMENT that names `field` where none can be made there.
 */
export function makePrivateFolder(folder: string, field: string): boolean {
  requireRealFileSystem(folder, field);
  const isNew = !existsSync(folder);
  try {
    mkdirSync(folder, { recursive: true, mode: PRIVATE });
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code !== 'ENOTDIR' && code !== 'EEXIST') throw toHoneError(thrown);
    throw invalidArgument(field, `${folder} is not a folder, nor can it become one: choose another`, thrown);
  }
  return isNew;
}
