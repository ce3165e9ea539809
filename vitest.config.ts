import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['libs/*/src/**/*.test.ts', 'services/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: './scripts/generate-before-tests.mjs',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // tfjs-core's ECMAScript modules are not marked as such: they are bundled, as in the build.
    server: { deps: { inline: [/@tensorflow\/tfjs-core/] } },
  },
});
