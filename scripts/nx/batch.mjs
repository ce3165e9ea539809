/** One process for the tasks of many projects: starting a compiler or a linter once for each would take longer than their work. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Nx's two ways of running tasks, from a function over the folders of their projects that tells what is wrong in each. */
export function executors(faultsIn) {
  return {
    one: async (_options, { projectName, projectsConfigurations }) => {
      const folder = projectsConfigurations.projects[projectName].root;
      const faults = (await faultsIn([folder])).get(folder) ?? [];
      process.stdout.write(faults.map((fault) => `${fault}\n`).join(''));
      return { success: faults.length === 0 };
    },
    all: async ({ tasks }, _inputs, _overrides, { projectsConfigurations }) => {
      const startTime = Date.now();
      const folders = new Map(
        Object.entries(tasks).map(([id, { target }]) => [id, projectsConfigurations.projects[target.project].root]),
      );
      const faults = await faultsIn([...folders.values()]);
      // Nx shows what a batch writes, and keeps what a task has said for when its result comes from the cache.
      process.stdout.write(
        [...faults.values()]
          .flat()
          .map((fault) => `${fault}\n`)
          .join(''),
      );
      const resultOf = (folder) => {
        const found = faults.get(folder) ?? [];
        const terminalOutput = found.map((fault) => `${fault}\n`).join('');
        return { success: found.length === 0, terminalOutput, startTime, endTime: Date.now() };
      };
      return Object.fromEntries([...folders].map(([id, folder]) => [id, resultOf(folder)]));
    },
  };
}

/** Sorts faults by the project whose file they are in; those in files of other projects are left to them. */
export function byProject(folders, faults) {
  const sorted = new Map(folders.map((folder) => [folder, []]));
  const isIn = (file, folder) =>
    folder === '.' ? !/^(?:libs|services|test)\//.test(file) : file.startsWith(`${folder}/`);
  for (const { file, text } of faults) {
    const relative = path.relative(root, path.resolve(root, file)).split(path.sep).join('/');
    const folder = folders.find((candidate) => isIn(relative, candidate));
    if (folder) sorted.get(folder).push(text);
  }
  return sorted;
}
