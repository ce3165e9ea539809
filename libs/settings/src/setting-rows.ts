/** A JSON schema of settings as rows, for people: one for each key. */

/** What is read of a JSON schema. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
}

/** One key. */
export interface SettingRow {
  /** "training.lora.rank", "schedule[].temperature". */
  readonly key: string;
  /** As JSON, the beginning of a long text; undefined where there is none, and where the keys below have theirs. */
  readonly initial: string | undefined;
  /** "a whole number from 1 to 10"; empty where nothing is to be said. */
  readonly range: string;
  readonly description: string;
}

/** Every key, in order, those of mappings behind them. */
export function settingRows(schema: JsonSchema, path = ''): SettingRow[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, held]) => {
    const key = path === '' ? name : `${path}.${name}`;
    const row = { key, initial: initialOf(held), range: rangeOf(held), description: held.description ?? '' };
    return [row, ...settingRows(held, key), ...(held.items ? settingRows(held.items, `${key}[]`) : [])];
  });
}

/** Rows stand in tables; the schema has all of a text. */
const MOST_CHARS = 100;

function initialOf({ default: initial, properties }: JsonSchema): string | undefined {
  if (initial === undefined || properties) return undefined;
  if (typeof initial !== 'string' || initial.length <= MOST_CHARS) return JSON.stringify(initial);
  return JSON.stringify(`${initial.slice(0, MOST_CHARS / 2).trimEnd()} …`);
}

/** Bounds that are those of the number itself. */
const isBound = (bound: number | undefined): bound is number =>
  bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;

function boundsOf(schema: JsonSchema): string {
  const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below } = schema;
  const low = isBound(minimum) ? `from ${minimum}` : isBound(above) ? `above ${above}` : '';
  const high = isBound(maximum) ? `to ${maximum}` : isBound(below) ? `below ${below}` : '';
  return [low, high].filter(Boolean).join(isBound(above) && isBound(maximum) ? ' and up ' : ' ');
}

const NUMBERS: Readonly<Record<string, string>> = { integer: 'a whole number', number: 'a number' };

function rangeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum) return schema.enum.map(String).join(', ');
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'string') return 'text';
  if (schema.type === 'array') {
    const each = schema.items ? rangeOf(schema.items) : '';
    return each === '' ? 'a list' : `a list, each ${each}`;
  }
  const number = NUMBERS[schema.type ?? ''];
  return number === undefined ? '' : `${number} ${boundsOf(schema)}`.trim();
}
