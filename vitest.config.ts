import { defineConfig } from 'vitest/config';

/**
 * Packages whose tests leave nothing behind in their process: no server, no native memory, no global state. Their files share processes, which
 * spares each of them loading the same modules again: a third of their time is left.
 */
const SHARING = [
  ...['artifacts', 'benchmarks', 'checkpoint', 'comparison', 'contracts', 'datasets', 'engine', 'errors'],
  ...['extensions', 'grading', 'hub', 'listing', 'losses', 'machine', 'models', 'outbound', 'recipes'],
  ...['registry', 'rules', 'scoring', 'settings', 'statistics', 'streams', 'terminal', 'tfjs-onnx', 'tokenizer'],
].map((name) => `libs/${name}/src/**/*.test.ts`);
const sharing = [...SHARING, 'services/cli/src/**/*.test.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // tfjs-core's ECMAScript modules are not marked as such: they are bundled, as in the build.
    server: { deps: { inline: [/@tensorflow\/tfjs-core/] } },
    projects: [
      {
        extends: true,
        test: {
          name: 'apart',
          include: ['libs/*/src/**/*.test.ts', 'services/*/src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...sharing],
        },
      },
      { extends: true, test: { name: 'sharing', include: sharing, isolate: false, benchmark: { include: [] } } },
    ],
  },
});
