/**
 * The intermediate form of a traced computation: a graph of ONNX operators with known shapes, built with common
 * subexpressions shared and constants kept symbolic. `emit.ts` turns it into an ONNX model.
 *
 * A dimension may be symbolic: it is traced at an unusual prime size and is recognised wherever it, or a multiple of it,
 * occurs in a shape.
 */
import { internal } from '@hone/errors';

export type DType = 'float32' | 'int32' | 'int64' | 'bool' | 'uint8';
export type Shape = readonly number[];
export type TypedData = Float32Array | Int32Array | BigInt64Array | Uint8Array;
export type AttributeValue = number | string | readonly number[] | { readonly float: number };
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** Where the bytes of an initializer lie outside the model file. */
export interface ExternalLocation {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** A matrix `[rows, columns]` as 8-bit numbers with a scale for each block along a row; see quantizeMatrix in libs/decoding. */
export interface QuantizedLocation {
  /** uint8 `[rows, blocks, blockSize]`, 128 standing for 0. */
  readonly values: ExternalLocation;
  /** float32 `[rows * blocks]`. */
  readonly scales: ExternalLocation;
  readonly blockSize: number;
}

/** One value: the output of an operator, an input, or a constant. */
export interface Value {
  readonly id: number;
  /** ONNX operator, or one of the pseudo-operators Input, Initializer, Constant, Splat, Output (of several). */
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly domain?: string;
  /** Input and Initializer: its name in the model. */
  readonly name?: string;
  /** Splat: the one number that fills the shape. Never materialised. */
  readonly scalar?: number;
  /** Constant: its data, row-major. */
  readonly data?: TypedData;
  readonly external?: ExternalLocation;
  /** Initializer: the 8-bit form that matrix products take in its place. */
  readonly quantized?: QuantizedLocation;
  /** Operators with several outputs: how many; each is an Output value. */
  readonly outputCount?: number;
  /** Output: which of its producer's outputs. */
  readonly outputIndex?: number;
  /** If: the branches. */
  readonly branches?: readonly Branch[];
  /** If: values computed outside that the branches use. What else they need is computed inside them. */
  readonly captured?: readonly Value[];
}

/** The body of a branch: values of its own that may use those of the graph around it. */
export interface Branch {
  readonly attribute: string;
  readonly outputs: readonly Value[];
}

export const MICROSOFT = 'com.microsoft';

export const sizeOf = (shape: Shape): number => shape.reduce((product, dim) => product * dim, 1);
export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((dim, i) => dim === b[i]);

/** NumPy's broadcasting rule. */
export function broadcastShape(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw internal(`shapes [${a.join()}] and [${b.join()}] do not broadcast`);
    return x === 1 ? y : x;
  });
}

interface NewValue {
  readonly op: string;
  readonly inputs?: readonly Value[];
  readonly attributes?: Attributes;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly domain?: string;
  readonly outputCount?: number;
}

/** Builds values; equal ones are one. */
export class Graph {
  readonly inputs: Value[] = [];
  private nextId = 0;
  private readonly known = new Map<string, Value>();
  /** Symbolic dimensions by the size that they are traced at. */
  readonly symbols: ReadonlyMap<number, string>;
  /** Sizes that are sums with a symbolic dimension in them. */
  private readonly sums = new Set<number>();
  /** For each symbol an input that has it as a dimension. */
  private readonly symbolSources = new Map<string, { input: Value; axis: number }>();

  constructor(symbols: Readonly<Record<string, number>> = {}) {
    this.symbols = new Map(Object.entries(symbols).map(([name, size]) => [size, name]));
  }

  private add(value: Omit<Value, 'id'>): Value {
    return { id: this.nextId++, ...value };
  }

  private remember(key: string, make: () => Value): Value {
    const found = this.known.get(key);
    if (found) return found;
    const made = make();
    this.known.set(key, made);
    return made;
  }

  /** An operator's output; the same operator on the same inputs is made once. */
  node({ op, inputs = [], attributes = {}, shape, dtype, domain, outputCount }: NewValue): Value {
    const ids = inputs.map((input) => input.id).join();
    const key = `${domain ?? ''}|${op}|${ids}|${JSON.stringify(attributes)}|${shape.join()}|${dtype}|${outputCount ?? ''}`;
    const optional = { ...(domain && { domain }), ...(outputCount && { outputCount }) };
    return this.remember(key, () => this.add({ op, inputs, attributes, shape: [...shape], dtype, ...optional }));
  }

  /** All outputs of an operator that has several. */
  multi(
    node: Omit<NewValue, 'outputCount' | 'shape' | 'dtype'>,
    outputs: readonly { shape: Shape; dtype: DType }[],
  ): Value[] {
    const producer = this.node({ ...node, shape: [], dtype: outputs[0]!.dtype, outputCount: outputs.length });
    return outputs.map(({ shape, dtype }, outputIndex) =>
      this.remember(`Output|${producer.id}|${outputIndex}`, () =>
        this.add({ op: 'Output', inputs: [producer], attributes: {}, shape: [...shape], dtype, outputIndex }),
      ),
    );
  }

  /** The same operator on other inputs; the value itself where they are its own. */
  copy(value: Value, inputs: readonly Value[]): Value {
    if (inputs.every((input, i) => input === value.inputs[i])) return value;
    if (value.branches) throw internal('a value with branches cannot be copied');
    const { op, attributes, shape, dtype, domain, outputCount, outputIndex } = value;
    if (outputIndex === undefined) {
      const optional = { ...(domain && { domain }), ...(outputCount && { outputCount }) };
      return this.node({ op, inputs, attributes, shape, dtype, ...optional });
    }
    return this.remember(`Output|${inputs[0]!.id}|${outputIndex}`, () =>
      this.add({ op, inputs, attributes, shape, dtype, outputIndex }),
    );
  }

  /**
   * An ONNX If on a scalar bool. Both branches give values of the same types; of what they use, `captured` is computed
   * outside and the rest only in the branch that is taken.
   */
  conditional(
    condition: Value,
    captured: readonly Value[],
    then: readonly Value[],
    otherwise: readonly Value[],
  ): Value[] {
    const branches = [
      { attribute: 'then_branch', outputs: then },
      { attribute: 'else_branch', outputs: otherwise },
    ];
    const outputCount = then.length;
    const { dtype } = then[0]!;
    const producer = this.add({
      op: 'If',
      inputs: [condition],
      attributes: {},
      shape: [],
      dtype,
      outputCount,
      branches,
      captured,
    });
    return then.map((value, outputIndex) =>
      this.add({
        op: 'Output',
        inputs: [producer],
        attributes: {},
        shape: value.shape,
        dtype: value.dtype,
        outputIndex,
      }),
    );
  }

  input(name: string, shape: Shape, dtype: DType): Value {
    const value = this.add({ op: 'Input', inputs: [], attributes: {}, shape: [...shape], dtype, name });
    this.inputs.push(value);
    shape.forEach((dim, axis) => {
      const symbol = this.symbols.get(dim);
      if (symbol !== undefined && !this.symbolSources.has(symbol))
        this.symbolSources.set(symbol, { input: value, axis });
    });
    return value;
  }

  /** A constant whose bytes lie outside the model: a weight, or a form of one. */
  initializer(
    name: string,
    shape: Shape,
    external: ExternalLocation,
    { dtype = 'float32', quantized }: { dtype?: DType; quantized?: QuantizedLocation | undefined } = {},
  ): Value {
    return this.remember(`Initializer|${name}`, () =>
      this.add({
        op: 'Initializer',
        inputs: [],
        attributes: {},
        shape: [...shape],
        dtype,
        name,
        external,
        ...(quantized && { quantized }),
      }),
    );
  }

  /** One number that fills a shape. */
  splat(scalar: number, shape: Shape, dtype: DType): Value {
    const key = `Splat|${dtype}|${shape.join()}|${Object.is(scalar, -0) ? '-0' : scalar}`;
    return this.remember(key, () =>
      this.add({ op: 'Splat', inputs: [], attributes: {}, shape: [...shape], dtype, scalar }),
    );
  }

  scalar(value: number, dtype: DType = 'float32'): Value {
    return this.splat(value, [], dtype);
  }

  constant(data: TypedData, shape: Shape, dtype: DType): Value {
    if (dtype !== 'int64' && data.length > 0 && data.every((item: number | bigint) => item === data[0])) {
      return this.splat(Number(data[0]), shape, dtype);
    }
    const make = (): Value => this.add({ op: 'Constant', inputs: [], attributes: {}, shape: [...shape], dtype, data });
    // Comparing large tables costs more than it saves.
    return data.length > 4096 ? make() : this.remember(`Constant|${dtype}|${shape.join()}|${data.join()}`, make);
  }

  /** Whether a size depends on a symbolic dimension. */
  isSymbolic(size: number): boolean {
    return size > 0 && [...this.symbols.keys()].some((prime) => size % prime === 0);
  }

  /** The size of dimensions laid end to end; remembered where it cannot be told from a plain number afterwards. */
  sum(sizes: readonly number[]): number {
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (sizes.some((size) => this.isSymbolic(size)) && !this.isSymbolic(total)) this.sums.add(total);
    return total;
  }

  /** Such a size must not get into a bound: it would stay the number that it was traced at. */
  private checkNoSum(value: number): void {
    if (this.isSymbolic(value) || ![...this.sums].some((sum) => value % sum === 0 && value > 0)) return;
    throw internal(`a sum of symbolic dimensions (${value}) cannot be used as a size while tracing; use split`);
  }

  /** Sizes as an int64 vector, for operators that take shapes or bounds; computed at run time where they are symbolic. */
  sizes(values: readonly number[]): Value {
    values.forEach((value) => this.checkNoSum(value));
    if (!values.some((value) => this.isSymbolic(value))) {
      return this.constant(BigInt64Array.from(values, BigInt), [values.length], 'int64');
    }
    const parts = values.map((value) => this.size(value));
    return this.node({ op: 'Concat', inputs: parts, attributes: { axis: 0 }, shape: [values.length], dtype: 'int64' });
  }

  /** One size as an int64 vector of length 1. */
  private size(value: number): Value {
    let rest = value;
    const factors: Value[] = [];
    for (const [prime, symbol] of this.symbols) {
      for (; rest > 0 && rest % prime === 0; rest /= prime) factors.push(this.symbolSize(symbol));
    }
    if (rest !== 1 || factors.length === 0) factors.push(this.constant(BigInt64Array.of(BigInt(rest)), [1], 'int64'));
    return factors.reduce((product, factor) =>
      this.node({ op: 'Mul', inputs: [product, factor], shape: [1], dtype: 'int64' }),
    );
  }

  private symbolSize(symbol: string): Value {
    const source = this.symbolSources.get(symbol);
    if (!source) throw internal(`no input has the symbolic dimension "${symbol}"`);
    const { input, axis } = source;
    return this.node({
      op: 'Shape',
      inputs: [input],
      attributes: { start: axis, end: axis + 1 },
      shape: [1],
      dtype: 'int64',
    });
  }
}
