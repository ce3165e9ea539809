/** Control groups of Linux, version 1 and 2: what a container, a service manager or a batch system lets a process use. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A group's folder and those of the groups around it, as far as they can be seen: the group's own is the first. */
export interface GroupFolders {
  readonly version: 1 | 2;
  readonly folders: readonly string[];
}

/** A file's text; undefined where it cannot be read. */
export function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Bytes, or another number that a file holds; undefined where it holds none ("max") or is not there. */
export function numberIn(file: string): number | undefined {
  const text = textOf(file);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** The number behind a key of a file such as memory.stat. */
export function numberBehind(file: string, key: string): number | undefined {
  const match = new RegExp(`^${key} (\\d+)$`, 'm').exec(textOf(file) ?? '');
  return match ? Number(match[1]) : undefined;
}

/** A mounted hierarchy. */
interface Mount {
  /** Where it is mounted. */
  readonly point: string;
  /** Which of its groups is seen there; groups around that one are not. */
  readonly root: string;
  /** Controllers of version 1. */
  readonly controllers: readonly string[];
  readonly version: 1 | 2;
}

/** Lines of /proc/self/mountinfo: "36 35 0:33 /root /point options - type source super-options" (proc(5)). */
function mountsIn(text: string): Mount[] {
  return text.split('\n').flatMap((line): Mount[] => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root = '', point = ''] = before.split(' ');
    const [type = '', , options = ''] = after.split(' ');
    if (type === 'cgroup2') return [{ point, root, controllers: [], version: 2 }];
    return type === 'cgroup' ? [{ point, root, controllers: options.split(','), version: 1 }] : [];
  });
}

/** Lines of /proc/self/cgroup: "4:memory:/group" of version 1, "0::/group" of version 2 (cgroups(7)). */
function groupIn(text: string, controller: string, version: 1 | 2): string | undefined {
  for (const line of text.split('\n')) {
    const [id = '', controllers = '', ...rest] = line.split(':');
    const isMeant = version === 2 ? id === '0' && controllers === '' : controllers.split(',').includes(controller);
    if (isMeant) return rest.join(':');
  }
  return undefined;
}

/** The part of a group's name below what is mounted; a container often sees its own group as the root, under whatever name. */
function below(root: string, group: string): string {
  if (group.includes('..')) return '';
  if (root === '/') return group;
  return group === root || group.startsWith(`${root}/`) ? group.slice(root.length) : '';
}

/** The folders of this process's group that govern a controller ("memory", "cpu"); undefined where there are none. */
export function groupFolders(controller: string, fileSystem: string): GroupFolders[] {
  const mounts = mountsIn(textOf(path.join(fileSystem, 'proc/self/mountinfo')) ?? '');
  const groups = textOf(path.join(fileSystem, 'proc/self/cgroup')) ?? '';
  return mounts.flatMap(({ point, root, controllers, version }): GroupFolders[] => {
    const group = groupIn(groups, controller, version);
    if (group === undefined || (version === 1 && !controllers.includes(controller))) return [];
    const top = path.join(fileSystem, point);
    const folders: string[] = [];
    for (let at = path.join(top, below(root, group)); ; at = path.dirname(at)) {
      folders.push(at);
      if (at.length <= top.length || at === path.dirname(at)) break;
    }
    return [{ version, folders }];
  });
}
