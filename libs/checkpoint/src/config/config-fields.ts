import { invalidArgument, unimplemented } from '@hone/errors';

/** What stands for a key that is missing or null. */
export interface Defaults {
  readonly whenMissing?: number | undefined;
  /** Where null means something else. */
  readonly whenNull?: number | undefined;
}

/**
 * Reads fields of a config.json with their type checked; an error names the file, the field and the value found. It remembers what
 * it was asked for, so that what nobody asked for can be told.
 */
export class ConfigFields {
  readonly #raw: Readonly<Record<string, unknown>>;
  readonly #asked = new Set<string>();

  constructor(
    raw: Readonly<Record<string, unknown>>,
    /** What messages call the file. */
    readonly file: string,
  ) {
    this.#raw = raw;
  }

  /** The field as it is. */
  value(name: string): unknown {
    this.#asked.add(name);
    return this.#raw[name];
  }

  /** Whether the field is there and not null. */
  has(name: string): boolean {
    this.#asked.add(name);
    return this.#raw[name] !== undefined && this.#raw[name] !== null;
  }

  get isEmpty(): boolean {
    return Object.keys(this.#raw).length === 0;
  }

  /** Fields that are there and that nobody asked for, with their values. */
  others(): [string, unknown][] {
    return Object.entries(this.#raw).filter(([name]) => !this.#asked.has(name));
  }

  /** A nested object's fields, or null where it is missing or null. */
  nested(name: string): ConfigFields | null {
    if (!this.has(name)) return null;
    const value = this.#raw[name];
    if (typeof value !== 'object' || Array.isArray(value)) throw this.wrong(name, 'must be an object');
    return new ConfigFields(value as Record<string, unknown>, `${this.file} ${name}`);
  }

  positiveNumber(name: string, whenMissing?: number): number {
    const value = this.#value(name, { whenMissing });
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
      throw this.wrong(name, 'must be a positive number');
    }
    return value;
  }

  /** A whole number from 1 to `most`. */
  size(name: string, most: number, defaults: Defaults = {}): number {
    return this.wholeNumber(name, 1, most, defaults);
  }

  wholeNumber(name: string, least: number, most: number, defaults: Defaults = {}): number {
    const value = this.#value(name, defaults);
    if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most) {
      throw this.wrong(name, `must be a whole number from ${least} to ${most}`, value);
    }
    return value as number;
  }

  boolean(name: string, whenMissing: boolean): boolean {
    const value = this.#value(name, { whenMissing });
    if (typeof value !== 'boolean') throw this.wrong(name, 'must be true or false');
    return value;
  }

  string(name: string, whenMissing?: string): string {
    const value = this.#value(name, { whenMissing });
    if (typeof value !== 'string') throw this.wrong(name, 'must be a string');
    return value;
  }

  positiveNumbers(name: string, most: number): number[] {
    const value = this.#value(name, {});
    const isRight =
      Array.isArray(value) &&
      value.length <= most &&
      value.every((item) => typeof item === 'number' && Number.isFinite(item) && item > 0);
    if (!isRight) throw this.wrong(name, `must be a list of up to ${most} positive numbers`);
    return value as number[];
  }

  /** A list of strings, or null where it is missing or null. */
  strings(name: string): string[] | null {
    if (!this.has(name)) return null;
    const value = this.#raw[name];
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
      throw this.wrong(name, 'must be a list of strings');
    }
    return value as string[];
  }

  /** One token id, a list of them, or none: as Transformers writes `eos_token_id`. Below 0 is none, as in configs of old. */
  tokenIds(name: string): number[] {
    if (!this.has(name)) return [];
    const value = this.#raw[name];
    const ids: unknown[] = Array.isArray(value) ? value : [value];
    if (!ids.every((id) => Number.isSafeInteger(id))) {
      throw this.wrong(name, 'must be a token id or a list of token ids');
    }
    return (ids as number[]).filter((id) => id >= 0);
  }

  /** Refuses a model that needs what Hone has not got. */
  require(name: string, expected: string | boolean | number, whenMissing: string | boolean | number = expected): void {
    const value = this.#value(name, { whenMissing });
    if (value !== expected) throw this.unsupported(name, `${JSON.stringify(expected)} is`);
  }

  /** The error for a value that Hone cannot take, to be thrown by the caller. */
  unsupported(name: string, supported: string): Error {
    return unimplemented(`${this.file}: ${name} is ${shown(this.#raw[name])}, but only ${supported} supported`);
  }

  /** The error for a value that breaks a rule, to be thrown by the caller. */
  wrong(name: string, rule: string, value = this.#raw[name]): Error {
    return invalidArgument(`${this.file} ${name}`, `${rule}, is ${shown(value)}`);
  }

  #value(
    name: string,
    { whenMissing, whenNull = whenMissing }: { whenMissing?: unknown; whenNull?: unknown },
  ): unknown {
    this.#asked.add(name);
    const found = this.#raw[name];
    const value = found === undefined ? whenMissing : (found ?? whenNull);
    if (value === undefined) throw invalidArgument(`${this.file} ${name}`, 'is missing');
    return value;
  }
}

const LONGEST_SHOWN = 100;

/** A value for a message, cut where it is long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}
