/** A traced graph as an ONNX model. */
import { internal } from '@hone/errors';
import { sizeOf, type AttributeValue, type Branch, type Graph, type Shape, type TypedData, type Value } from './ir.ts';
import {
  ATTRIBUTE,
  encodeModel,
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx-schema.ts';
import { ONNX_TYPES } from './rewrite.ts';

/** What stands in no list of nodes: it is declared, or belongs to its producer. */
const DECLARED = new Set(['Input', 'Initializer', 'Constant', 'Splat', 'Output']);

const isOperator = (value: Value): boolean => !DECLARED.has(value.op);
const bytesOf = (data: TypedData): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

type Needs = (value: Value) => readonly Value[];

/** All values that `outputs` need and `known` lacks, each behind what it needs. */
function inOrder(outputs: readonly Value[], needs: Needs, known: ReadonlySet<Value>): Value[] {
  const ordered: Value[] = [];
  const done = new Set(known);
  const open: { value: Value; next: number }[] = outputs.map((value) => ({ value, next: 0 })).reverse();
  while (open.length > 0) {
    const top = open.at(-1)!;
    const need = done.has(top.value) ? undefined : needs(top.value)[top.next++];
    if (need) {
      if (!done.has(need)) open.push({ value: need, next: 0 });
      continue;
    }
    if (!done.has(top.value)) {
      done.add(top.value);
      ordered.push(top.value);
    }
    open.pop();
  }
  return ordered;
}

class Emitter {
  private readonly names = new Map<Value, string>();

  constructor(private readonly graph: Graph) {}

  /** Values that stand before `value` in the graph: its inputs, and what its branches take from outside. */
  private readonly needs: Needs = (value) => {
    const sizes = value.op === 'Splat' && sizeOf(value.shape) !== 1 ? [this.graph.sizes(value.shape)] : [];
    return [...value.inputs, ...(value.captured ?? []), ...sizes];
  };

  /**
   * The values of a body in order. A value that both the body and a branch in it use is computed once, in the body, before the
   * branch: a branch may not compute it under the same name.
   */
  private ordered(outputs: readonly Value[], outer: ReadonlySet<Value>): Value[] {
    const own = new Set(inOrder(outputs, this.needs, outer));
    const inBranches: Needs = (value) => [
      ...this.needs(value),
      ...(value.branches ?? []).flatMap((branch) => branch.outputs),
    ];
    const withShared: Needs = (value) => {
      const used = (value.branches ?? []).flatMap(({ outputs: ends }) => inOrder(ends, inBranches, outer));
      return [...this.needs(value), ...used.filter((candidate) => own.has(candidate))];
    };
    return inOrder(outputs, withShared, outer);
  }

  private name(value: Value): string {
    const known = this.names.get(value);
    if (known !== undefined) return known;
    if (value.op === 'Output') return `${this.name(value.inputs[0]!)}_${value.outputIndex}`;
    return value.name ?? `v${value.id}`;
  }

  private attribute(name: string, value: AttributeValue): AttributeProto {
    if (typeof value === 'number') return { name, type: ATTRIBUTE.INT, i: value };
    if (typeof value === 'string') return { name, type: ATTRIBUTE.STRING, s: Buffer.from(value) };
    if ('float' in value) return { name, type: ATTRIBUTE.FLOAT, f: value.float };
    return { name, type: ATTRIBUTE.INTS, ints: value };
  }

  private tensor(name: string, shape: Shape, dtype: Value['dtype'], data: TypedData): TensorProto {
    return { name, dims: shape, dataType: ONNX_TYPES[dtype], rawData: bytesOf(data) };
  }

  /** The initializer that declares a value, where it is one. */
  private initializer(value: Value): TensorProto | undefined {
    const { shape, dtype } = value;
    if (value.op === 'Constant') return this.tensor(this.name(value), shape, dtype, value.data!);
    if (value.op === 'Splat' && sizeOf(shape) === 1) return this.tensor(this.name(value), shape, dtype, fill(value, 1));
    if (value.op !== 'Initializer') return undefined;
    const { location, offset, length } = value.external!;
    const entries = { location, offset: String(offset), length: String(length) };
    const externalData = Object.entries(entries).map(([key, entry]) => ({ key, value: entry }));
    return { name: this.name(value), dims: shape, dataType: ONNX_TYPES[dtype], externalData, dataLocation: 1 };
  }

  private operator(value: Value, outer: ReadonlySet<Value>): NodeProto {
    const outputs = value.outputCount
      ? Array.from({ length: value.outputCount }, (_, i) => `${this.name(value)}_${i}`)
      : [this.name(value)];
    const branches = (value.branches ?? []).map((branch) => this.branch(branch, outer));
    return {
      name: `n${value.id}`,
      opType: value.op,
      domain: value.domain ?? '',
      input: value.inputs.map((input) => this.name(input)),
      output: outputs,
      attribute: [...Object.entries(value.attributes).map(([name, item]) => this.attribute(name, item)), ...branches],
    };
  }

  private branch({ attribute, outputs }: Branch, outer: ReadonlySet<Value>): AttributeProto {
    const own = this.ordered(outputs, outer);
    const body = this.body(own, new Set([...outer, ...own]));
    const output = outputs.map((value, i) => {
      // A branch must give values of its own.
      const name = `${attribute}_${this.name(value)}_${i}`;
      body.node.push(identity(this.name(value), name));
      return this.valueInfo(name, value);
    });
    return { name: attribute, type: ATTRIBUTE.GRAPH, g: { ...body, name: attribute, input: [], output } };
  }

  private body(values: readonly Value[], outer: ReadonlySet<Value>): Pick<GraphProto, 'node' | 'initializer'> {
    const initializer = values.flatMap((value) => this.initializer(value) ?? []);
    const node = values.flatMap((value) => {
      if (value.op === 'Splat' && sizeOf(value.shape) !== 1) return [this.filled(value)];
      return isOperator(value) ? [this.operator(value, outer)] : [];
    });
    return { node, initializer };
  }

  /** A splat that an operator needs in full. */
  private filled(value: Value): NodeProto {
    const attribute = { name: 'value', type: ATTRIBUTE.TENSOR, t: this.tensor('', [1], value.dtype, fill(value, 1)) };
    const input = [this.name(this.graph.sizes(value.shape))];
    return {
      name: `n${value.id}`,
      opType: 'ConstantOfShape',
      domain: '',
      input,
      output: [this.name(value)],
      attribute: [attribute],
    };
  }

  private valueInfo(name: string, { shape, dtype }: Value): ValueInfoProto {
    const dim = shape.map((size) => {
      const symbol = this.graph.symbols.get(size);
      if (symbol !== undefined) return { dimParam: symbol };
      return this.graph.isSymbolic(size) ? {} : { dimValue: size };
    });
    return { name, type: { tensorType: { elemType: ONNX_TYPES[dtype], shape: { dim } } } };
  }

  emit(outputs: Readonly<Record<string, Value>>): Uint8Array {
    const values = this.ordered(Object.values(outputs), new Set());
    const copies: NodeProto[] = [];
    for (const [name, value] of Object.entries(outputs)) {
      if (isOperator(value) && !this.names.has(value)) this.names.set(value, name);
      else copies.push(identity(this.name(value), name));
    }
    const body = this.body(values, new Set(values));
    const output = Object.entries(outputs).map(([name, value]) => this.valueInfo(name, value));
    const input = this.graph.inputs.map((value) => this.valueInfo(this.name(value), value));
    return encodeModel({ ...body, node: [...body.node, ...copies], name: 'hone', input, output });
  }
}

function fill(value: Value, length: number): TypedData {
  if (value.dtype === 'float32') return new Float32Array(length).fill(value.scalar!);
  if (value.dtype === 'int32') return new Int32Array(length).fill(value.scalar!);
  if (value.dtype === 'int64') return new BigInt64Array(length).fill(BigInt(value.scalar!));
  if (value.dtype === 'bool') return new Uint8Array(length).fill(value.scalar!);
  throw internal(`no data for ${value.dtype as string}`);
}

function identity(from: string, to: string): NodeProto {
  return { name: `copy_${to}`, opType: 'Identity', domain: '', input: [from], output: [to], attribute: [] };
}

/** The graph that computes `outputs` as the bytes of an ONNX model. */
export function emitModel(graph: Graph, outputs: Readonly<Record<string, Value>>): Uint8Array {
  return new Emitter(graph).emit(outputs);
}
