/**
 * Runs a template's syntax tree with Jinja2's rules, which are Python's: the parser's own runtime has JavaScript's for equality,
 * truth and text. A template is data of a stranger: it calls nothing but what is given to it, and its steps and texts are limited.
 */
import { Arguments } from './arguments.ts';
import { filterNamed } from './filters.ts';
import { attribute, item, slice } from './members.ts';
import type { CallExpression, CallStatement, For, Identifier, Node, SetStatement } from './nodes.ts';
import { binary } from './operators.ts';
import { Scope } from './scope.ts';
import { testNamed } from './tests.ts';
import {
  Float,
  isNumeric,
  iterate,
  Namespace,
  numberOf,
  TemplateError,
  textOf,
  truth,
  Tuple,
  typeName,
  Undefined,
  undefinedError,
  type Callable,
  type Value,
} from './values.ts';

/** Nodes that one rendering may visit; a conversation of a thousand turns takes about a tenth of a million. */
const MAX_STEPS = 5_000_000;
/** Of nested macros and expressions. */
const MAX_DEPTH = 500;

class Break extends Error {}
class Continue extends Error {}

export class Interpreter {
  #steps = 0;
  #depth = 0;

  /** The text of a block. */
  render(body: readonly Node[], scope: Scope): string {
    const parts: string[] = [];
    for (const node of body) this.#write(node, scope, parts);
    return parts.join('');
  }

  #write(node: Node, scope: Scope, out: string[]): void {
    this.#step();
    switch (node.type) {
      case 'Comment':
        return;
      case 'If':
        for (const inner of truth(this.evaluate(node.test, scope)) ? node.body : node.alternate) {
          this.#write(inner, scope, out);
        }
        return;
      case 'For':
        return this.#loop(node, scope, out);
      case 'Set':
        return this.#set(node, scope);
      case 'Macro':
        return scope.set(node.name.value, this.#macro(node.name.value, node.args, node.body, scope));
      case 'CallStatement':
        out.push(this.#callBlock(node, scope));
        return;
      case 'FilterStatement':
        out.push(textOf(this.#filter(this.render(node.body, new Scope(scope)), node.filter, scope)));
        return;
      case 'Break':
        throw new Break();
      case 'Continue':
        throw new Continue();
      default:
        out.push(textOf(this.evaluate(node, scope)));
    }
  }

  #step(): void {
    this.#steps += 1;
    if (this.#steps > MAX_STEPS) throw new TemplateError(`it takes more than ${MAX_STEPS} steps`);
  }

  /** Each turn of a loop has a scope of its own: what it sets is gone in the next. */
  #loop({ loopvar, iterable, body, defaultBlock }: For, scope: Scope, out: string[]): void {
    const isFiltered = iterable.type === 'SelectExpression';
    const all = iterate(this.evaluate(isFiltered ? iterable.lhs : iterable, scope));
    const items = isFiltered
      ? all.filter((value) => {
          const inner = new Scope(scope);
          this.#assign(loopvar, value, inner);
          return truth(this.evaluate(iterable.test, inner));
        })
      : all;
    if (items.length === 0) out.push(this.render(defaultBlock, new Scope(scope)));
    let changed: Value[] | null = null;
    const isChanged: Callable = (args) => {
      const before = changed;
      changed = args;
      return before === null || !truth(binary('==', before, args));
    };
    for (const [index, value] of items.entries()) {
      const inner = new Scope(scope, [['loop', loopState(items, index, isChanged)]]);
      this.#assign(loopvar, value, inner);
      try {
        for (const node of body) this.#write(node, inner, out);
      } catch (thrown) {
        if (thrown instanceof Break) return;
        if (!(thrown instanceof Continue)) throw thrown;
      }
    }
  }

  #set({ assignee, value, body }: SetStatement, scope: Scope): void {
    const given = value === null ? this.render(body, new Scope(scope)) : this.evaluate(value, scope);
    this.#assign(assignee, given, scope);
  }

  #assign(target: Node, value: Value, scope: Scope): void {
    if (target.type === 'Identifier') return scope.set(target.value, value);
    if (target.type === 'TupleLiteral') {
      const values = iterate(value);
      if (values.length !== target.value.length) {
        throw new TemplateError(`expected ${target.value.length} values to unpack, got ${values.length}`);
      }
      return target.value.forEach((inner, index) => this.#assign(inner, values[index]!, scope));
    }
    const holder = target.type === 'MemberExpression' ? this.evaluate(target.object, scope) : null;
    if (target.type !== 'MemberExpression' || !(holder instanceof Namespace) || target.property.type !== 'Identifier') {
      throw new TemplateError('cannot assign attribute on non-namespace object');
    }
    holder.fields.set(target.property.value, value);
  }

  /** Arguments are bound by place, then by name, then by default; what is over is `varargs` and `kwargs`. */
  #macro(name: string, parameters: readonly Node[], body: readonly Node[], outer: Scope): Callable {
    const text = JSON.stringify(body);
    return (args, kwargs) => {
      const scope = new Scope(outer);
      const rest = new Map(kwargs);
      const caller = rest.get('caller');
      rest.delete('caller');
      parameters.forEach((parameter, index) => {
        const key =
          parameter.type === 'KeywordArgumentExpression' ? parameter.key.value : (parameter as Identifier).value;
        const given = index < args.length ? args[index]! : rest.get(key);
        rest.delete(key);
        if (given !== undefined) scope.set(key, given);
        else if (parameter.type === 'KeywordArgumentExpression') scope.set(key, this.evaluate(parameter.value, scope));
        else scope.set(key, new Undefined(key));
      });
      if (caller !== undefined) scope.set('caller', caller);
      const over = args.slice(parameters.length);
      if (over.length > 0 && !text.includes('varargs')) {
        throw new TemplateError(`macro '${name}' takes not more than ${parameters.length} argument(s)`);
      }
      const [stranger] = rest.keys();
      if (stranger !== undefined && !text.includes('kwargs')) {
        throw new TemplateError(`macro '${name}' takes no keyword argument '${stranger}'`);
      }
      scope.set('varargs', Tuple.from(over));
      scope.set('kwargs', new Map<Value, Value>(rest));
      return this.#nested(() => this.render(body, scope));
    };
  }

  #callBlock({ call, callerArgs, body }: CallStatement, scope: Scope): string {
    const { positional, named } = this.#arguments(call.args, scope);
    const caller = this.#macro('caller', callerArgs ?? [], body, scope);
    const callee = this.evaluate(call.callee, scope);
    if (typeof callee !== 'function') throw notCallable(callee);
    return textOf(callee([...positional], new Map([...named, ['caller', caller]])));
  }

  #filter(value: Value, filter: Identifier | CallExpression, scope: Scope): Value {
    if (filter.type === 'Identifier') return filterNamed(filter.value)(value, new Arguments([]));
    const name = (filter.callee as Identifier).value;
    return filterNamed(name)(value, this.#arguments(filter.args, scope));
  }

  #arguments(args: readonly Node[], scope: Scope): Arguments {
    const positional: Value[] = [];
    const named = new Map<string, Value>();
    for (const arg of args) {
      if (arg.type === 'KeywordArgumentExpression') named.set(arg.key.value, this.evaluate(arg.value, scope));
      else if (arg.type === 'SpreadExpression') positional.push(...iterate(this.evaluate(arg.argument, scope)));
      else if (arg.type === 'KeywordSpreadExpression') {
        const entries = this.evaluate(arg.argument, scope);
        for (const key of iterate(entries)) named.set(textOf(key), item(entries, key));
      } else positional.push(this.evaluate(arg, scope));
    }
    return new Arguments(positional, named);
  }

  #nested<Result>(work: () => Result): Result {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new TemplateError('it is nested too deeply');
    try {
      return work();
    } finally {
      this.#depth -= 1;
    }
  }

  evaluate(node: Node, scope: Scope): Value {
    this.#step();
    switch (node.type) {
      case 'IntegerLiteral':
      case 'StringLiteral':
        return node.value;
      case 'FloatLiteral':
        return new Float(node.value);
      case 'ArrayLiteral':
        return node.value.map((inner) => this.evaluate(inner, scope));
      case 'TupleLiteral':
        return Tuple.from(node.value.map((inner) => this.evaluate(inner, scope)));
      case 'ObjectLiteral':
        return new Map([...node.value].map(([key, value]) => [this.evaluate(key, scope), this.evaluate(value, scope)]));
      case 'Identifier':
        return scope.get(node.value);
      case 'MemberExpression':
        return this.#member(node.object, node.property, node.computed, scope);
      case 'CallExpression':
        return this.#call(node, scope);
      case 'FilterExpression':
        return this.#filter(this.evaluate(node.operand, scope), node.filter, scope);
      case 'TestExpression':
        return testNamed(node.test.value)(this.evaluate(node.operand, scope), null) !== node.negate;
      default:
        return this.#operation(node, scope);
    }
  }

  #operation(node: Node, scope: Scope): Value {
    switch (node.type) {
      case 'BinaryExpression':
        return this.#binary(node.operator.value, node.left, node.right, scope);
      case 'UnaryExpression':
        return unary(node.operator.value, this.evaluate(node.argument, scope));
      case 'SelectExpression':
        return truth(this.evaluate(node.test, scope)) ? this.evaluate(node.lhs, scope) : new Undefined('value');
      case 'Ternary':
        return this.evaluate(truth(this.evaluate(node.condition, scope)) ? node.trueExpr : node.falseExpr, scope);
      default:
        throw new TemplateError(`${node.type} is no value`);
    }
  }

  #binary(operator: string, left: Node, right: Node, scope: Scope): Value {
    const first = this.evaluate(left, scope);
    if (operator === 'and') return truth(first) ? this.evaluate(right, scope) : first;
    if (operator === 'or') return truth(first) ? first : this.evaluate(right, scope);
    return binary(operator, first, this.evaluate(right, scope));
  }

  #member(object: Node, property: Node, isComputed: boolean, scope: Scope): Value {
    const value = this.evaluate(object, scope);
    if (property.type === 'SliceExpression') {
      const [start, stop, step] = [property.start, property.stop, property.step].map((inner) =>
        inner ? this.evaluate(inner, scope) : null,
      );
      return slice(value, start!, stop!, step!);
    }
    if (isComputed) return item(value, this.evaluate(property, scope));
    return property.type === 'Identifier'
      ? attribute(value, property.value)
      : item(value, this.evaluate(property, scope));
  }

  #call({ callee, args }: CallExpression, scope: Scope): Value {
    const called = this.evaluate(callee, scope);
    if (typeof called !== 'function') throw notCallable(called);
    const { positional, named } = this.#arguments(args, scope);
    return called([...positional], named);
  }
}

function notCallable(value: Value): TemplateError {
  return value instanceof Undefined
    ? undefinedError(value)
    : new TemplateError(`'${typeName(value)}' object is not callable`);
}

function unary(operator: string, value: Value): Value {
  if (operator === 'not') return !truth(value);
  if (!isNumeric(value)) throw new TemplateError(`bad operand type for unary ${operator}: '${typeName(value)}'`);
  const result = operator === '-' ? -numberOf(value) : numberOf(value);
  return value instanceof Float ? new Float(result) : result;
}

function loopState(items: readonly Value[], index: number, changed: Callable): Value {
  const { length } = items;
  return new Map<Value, Value>([
    ['index', index + 1],
    ['index0', index],
    ['revindex', length - index],
    ['revindex0', length - index - 1],
    ['first', index === 0],
    ['last', index === length - 1],
    ['length', length],
    ['depth', 1],
    ['depth0', 0],
    ['previtem', items[index - 1] ?? new Undefined('previtem')],
    ['nextitem', items[index + 1] ?? new Undefined('nextitem')],
    ['changed', changed],
    ['cycle', (args) => args[index % args.length] ?? null],
  ]);
}
