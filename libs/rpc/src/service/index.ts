export { codeVersion } from './code-version.ts';
export * from './open-store.ts';
export * from './options.ts';
export * from './roles.ts';
export * from './run-service.ts';
export { environmentOf } from './variables.ts';
