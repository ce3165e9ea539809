/** Settings that a schema states once: default, range and description of every key. */
export { ruleOf } from './broken-rule.ts';
export { keysOf, nearestKey } from './nearest-key.ts';
export { behind, pathOf } from './paths.ts';
export { settingRows, type JsonSchema, type SettingRow } from './setting-rows.ts';
export { readSettings, schemaOf, violationsOf, type SettingsSchema } from './settings.ts';
