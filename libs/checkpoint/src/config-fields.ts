import { invalidArgument, unimplemented } from '@hone/errors';

/** Reads fields of a config.json with their type checked; an error names the file, the field and the value found. */
export class ConfigFields {
  readonly #raw: Readonly<Record<string, unknown>>;
  readonly #file: string;

  constructor(raw: Readonly<Record<string, unknown>>, file: string) {
    this.#raw = raw;
    this.#file = file;
  }

  /** Whether the field is there and not null. */
  has(name: string): boolean {
    return this.#raw[name] !== undefined && this.#raw[name] !== null;
  }

  /** A nested object's fields, or null where it is missing or null. */
  nested(name: string): ConfigFields | null {
    if (!this.has(name)) return null;
    const value = this.#raw[name];
    if (typeof value !== 'object' || Array.isArray(value)) throw this.#wrong(name, 'must be an object');
    return new ConfigFields(value as Record<string, unknown>, `${this.#file} ${name}`);
  }

  positiveNumber(name: string, whenMissing?: number): number {
    const value = this.#value(name, whenMissing);
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
      throw this.#wrong(name, 'must be a positive number');
    }
    return value;
  }

  positiveInteger(name: string, whenMissing?: number): number {
    const value = this.#value(name, whenMissing);
    if (!Number.isSafeInteger(value) || (value as number) <= 0) {
      throw this.#wrong(name, 'must be a positive integer', value);
    }
    return value as number;
  }

  boolean(name: string, whenMissing: boolean): boolean {
    const value = this.#value(name, whenMissing);
    if (typeof value !== 'boolean') throw this.#wrong(name, 'must be true or false');
    return value;
  }

  string(name: string, whenMissing?: string): string {
    const value = this.#value(name, whenMissing);
    if (typeof value !== 'string') throw this.#wrong(name, 'must be a string');
    return value;
  }

  /** One token id, a list of them, or none: as Transformers writes `eos_token_id`. */
  tokenIds(name: string): number[] {
    if (!this.has(name)) return [];
    const value = this.#raw[name];
    const ids: unknown[] = Array.isArray(value) ? value : [value];
    if (!ids.every((id) => Number.isSafeInteger(id) && (id as number) >= 0)) {
      throw this.#wrong(name, 'must be a token id or a list of token ids');
    }
    return ids as number[];
  }

  /** Refuses a model that needs what Hone has not got. */
  require(name: string, expected: string | boolean, whenMissing?: string | boolean): void {
    const value = this.#value(name, whenMissing);
    if (value !== expected) {
      throw unimplemented(
        `${this.#file}: ${name} is ${JSON.stringify(value)}, but only ${JSON.stringify(expected)} is supported`,
      );
    }
  }

  /** The error for a value that Hone cannot take, to be thrown by the caller. */
  unsupported(name: string, supported: string): Error {
    return unimplemented(
      `${this.#file}: ${name} is ${JSON.stringify(this.#raw[name])}, but only ${supported} supported`,
    );
  }

  #value(name: string, whenMissing: unknown): unknown {
    const value = this.#raw[name] ?? whenMissing;
    if (value === undefined) throw invalidArgument(`${this.#file} ${name}`, 'is missing');
    return value;
  }

  #wrong(name: string, rule: string, value = this.#raw[name]): Error {
    return invalidArgument(`${this.#file} ${name}`, `${rule}, is ${JSON.stringify(value)}`);
  }
}
