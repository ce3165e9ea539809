/** Settings that a schema states once: default, range and description of every key. */
export { ruleOf } from './broken-rule.ts';
export { isMapping, type Mapping } from './mapping.ts';
export { keysOf } from './nearest-key.ts';
export { behind, pathOf } from './paths.ts';
export { registered, versionedName } from './registered.ts';
export { settingRows, type JsonSchema, type SettingRow } from './setting-rows.ts';
export { MOST_VIOLATIONS, readSettings, schemaOf, violationsOf, type SettingsSchema } from './settings.ts';
