import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import { LAYERS, packages } from './scripts/layers.mjs';

/** Sources of the packages of these layers. */
const sourcesOf = (...layers) =>
  packages()
    .filter(({ layer }) => layers.includes(layer))
    .map(({ folder }) => `${folder}/src/**/*.ts`);

const tagOf = (layer) => `layer:${layer}`;
const ARROWS = Object.entries(LAYERS).map(([layer, mayImport]) => ({
  sourceTag: tagOf(layer),
  onlyDependOnLibsWithTags: mayImport.map(tagOf),
}));

export default tseslint.config(
  { ignores: ['**/node_modules', 'dist', '.nx', '.hone', 'libs/*/src/generated'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
      },
    },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'max-lines-per-function': ['warn', { max: 80, skipComments: true, skipBlankLines: true }],
    },
  },
  {
    // The architecture as layers: arrows go down, and nothing uses a service.
    files: ['libs/**/*.ts', 'services/**/*.ts', 'test/**/*.ts'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { enforceBuildableLibDependency: false, allow: [], depConstraints: ARROWS },
      ],
    },
  },
  {
    // Domain libs have the contracts' messages as their data types, and nothing else of them.
    files: sourcesOf('foundation', 'engine', 'domain'),
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['@grpc/*', '@hone/rpc'], message: 'This lib knows nothing of gRPC.' },
            {
              group: ['@hone/contracts'],
              importNamePattern: '(Client|Server|Service)$',
              message: 'This lib knows messages only: no client, no server, no service.',
            },
          ],
        },
      ],
    },
  },
  { files: ['**/*.test.ts'], rules: { 'max-lines-per-function': 'off' } },
);
