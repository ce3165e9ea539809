import { Undefined, type Value } from './values.ts';

/** Names that a block sees: its own, then those of the blocks around it. */
export class Scope {
  readonly #names = new Map<string, Value>();
  readonly #outer: Scope | null;

  constructor(outer: Scope | null, names: Iterable<readonly [string, Value]> = []) {
    this.#outer = outer;
    for (const [name, value] of names) this.#names.set(name, value);
  }

  get(name: string): Value {
    if (this.#names.has(name)) return this.#names.get(name)!;
    return this.#outer ? this.#outer.get(name) : new Undefined(name);
  }

  set(name: string, value: Value): void {
    this.#names.set(name, value);
  }
}
