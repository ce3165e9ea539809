/** Settings that a schema states once: default, range and description of every key. */
export { ruleOf } from './broken-rule.ts';
export { readSettings, schemaOf, violationsOf, type SettingsSchema } from './settings.ts';
