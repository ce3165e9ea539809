import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

const libs = path.join(import.meta.dirname, 'libs');
/** Sources of the libs of these kinds, by the tags in their package.json. */
const sourcesOf = (...kinds) =>
  readdirSync(libs)
    .filter((name) => {
      const { nx } = JSON.parse(readFileSync(path.join(libs, name, 'package.json'), 'utf8'));
      return nx.tags.some((tag) => kinds.includes(tag));
    })
    .map((name) => `libs/${name}/src/**/*.ts`);

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
    // The architecture as arrows: services use libs, engine and domain libs know nothing of gRPC, nothing uses a service.
    files: ['libs/**/*.ts', 'services/**/*.ts', 'test/**/*.ts'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: [],
          depConstraints: [
            { sourceTag: 'kind:engine', onlyDependOnLibsWithTags: ['kind:engine'] },
            { sourceTag: 'kind:contract', onlyDependOnLibsWithTags: ['kind:engine'] },
            {
              sourceTag: 'kind:domain',
              onlyDependOnLibsWithTags: ['kind:domain', 'kind:contract', 'kind:engine'],
            },
            {
              sourceTag: 'kind:transport',
              onlyDependOnLibsWithTags: ['kind:transport', 'kind:contract', 'kind:engine'],
            },
            {
              sourceTag: 'kind:client',
              onlyDependOnLibsWithTags: [
                'kind:client',
                'kind:transport',
                'kind:domain',
                'kind:contract',
                'kind:engine',
              ],
            },
            { sourceTag: 'type:service', onlyDependOnLibsWithTags: ['type:lib'] },
            { sourceTag: 'type:test', onlyDependOnLibsWithTags: ['type:lib', 'type:test'] },
          ],
        },
      ],
    },
  },
  {
    // Domain libs have the contracts' messages as their data types, and nothing else of them.
    files: sourcesOf('kind:domain', 'kind:engine'),
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
