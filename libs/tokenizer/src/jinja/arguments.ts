/** Arguments of filters, methods and functions, by place or by name. */
import { TemplateError, Undefined, type Value } from './values.ts';

export class Arguments {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;

  constructor(positional: readonly Value[], named: ReadonlyMap<string, Value> = new Map()) {
    this.positional = positional;
    this.named = named;
  }

  /** An argument, or undefined where it is not given. */
  get(index: number, name: string): Value | undefined {
    return this.positional[index] ?? (index < this.positional.length ? null : this.named.get(name));
  }

  /** A text argument, or `absent` where it is not given or None. */
  text<Absent>(index: number, name: string, absent: Absent): string | Absent {
    const value = this.get(index, name) ?? null;
    if (value === null) return absent;
    if (typeof value === 'string') return value;
    throw new TemplateError(`argument ${name} must be text`);
  }

  requiredText(index: number, name: string): string {
    const value = this.text(index, name, undefined);
    if (value === undefined) throw new TemplateError(`argument ${name} is missing`);
    return value;
  }

  integer(index: number, name: string, absent: number): number {
    const value = this.get(index, name) ?? null;
    if (value === null) return absent;
    if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
    throw new TemplateError(`argument ${name} must be an integer`);
  }

  required(index: number, name: string): Value {
    const value = this.get(index, name);
    if (value === undefined) throw new TemplateError(`argument ${name} is missing`);
    return value;
  }
}

export const missing = (value: Value | undefined): boolean => value === undefined || value instanceof Undefined;
