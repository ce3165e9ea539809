/** What the JSON schema of a rule's settings says. */
import type { Rule } from '@hone/contracts';

/** A setting as its schema describes it. */
export interface SettingSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly description?: string;
}

/** The settings of a rule by name; undefined where its schema cannot be read. */
export function settingsOf({ settingsSchemaJson }: Rule): Readonly<Record<string, SettingSchema>> | undefined {
  if (settingsSchemaJson === '') return {};
  try {
    const schema = JSON.parse(settingsSchemaJson) as { type?: unknown; properties?: Record<string, SettingSchema> };
    return schema.type === 'object' ? (schema.properties ?? {}) : undefined;
  } catch {
    return undefined;
  }
}

/** Values that a setting must refuse. */
export function outOfRange({ type, enum: allowed, minimum, maximum }: SettingSchema): unknown[] {
  const values: unknown[] = [[]];
  if (allowed) values.push('no-such-value');
  if (type === 'boolean' || type === 'integer' || type === 'number') values.push('text');
  if (minimum !== undefined) values.push(minimum - 1);
  if (maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER) values.push(maximum + 1);
  return values;
}
