/**
 * Rows between two layouts: one run of tokens without padding, as linear layers take them, and padded blocks, as attention takes
 * them. Every row of the run has one slot of its own, so that each direction is the gradient of the other and both are gathers:
 * no sum whose order could differ from run to run.
 */
import { defineKernel } from '../backend.ts';
import type { Graph, Value } from './ir.ts';
import { binary, concat, matMul, reshape } from './rewrite.ts';
import * as tf from '../tf.ts';

/** A padded block of rows. */
export interface Block {
  /** Row of the run at each slot, int32 `[sequences, length]`; any row where the slot is padding. */
  readonly rows: tf.Tensor2D;
  /** 1 where a slot has a row, 0 where it is padding, `[sequences, length, 1]`. */
  readonly filled: tf.Tensor3D;
}

/** Blocks, and where each row of the run lies among all their slots laid end to end: int32 `[tokens]`. */
export interface Layout {
  readonly blocks: readonly Block[];
  readonly slots: tf.Tensor1D;
}

/** `[tokens, ...]` -> for each block `[sequences, length, ...]`. What stands in padding has no meaning, and no gradient may. */
export function toBlocks(run: tf.Tensor, { blocks, slots }: Layout): tf.Tensor[] {
  const rows = Object.fromEntries(blocks.map((block, i) => [`rows${i}`, block.rows]));
  return tf.engine().runKernel('ToBlocks', { run, slots, ...rows }) as tf.Tensor[];
}

/** For each block `[sequences, length, width]` -> `[tokens, width]`. */
export function fromBlocks(values: readonly tf.Tensor3D[], { blocks, slots }: Layout): tf.Tensor2D {
  // An array, because only of such tfjs saves all.
  const inputs = [slots, ...values, ...blocks.map(({ rows }) => rows), ...blocks.map(({ filled }) => filled)];
  return tf.engine().runKernel('FromBlocks', inputs as unknown as tf.NamedTensorMap, {
    blocks: blocks.length,
  }) as tf.Tensor2D;
}

const gatherRows = (graph: Graph, x: Value, indices: Value): Value =>
  graph.node({
    op: 'Gather',
    inputs: [x, indices],
    attributes: { axis: 0 },
    shape: [...indices.shape, ...x.shape.slice(1)],
    dtype: x.dtype,
  });

/** `prefix0`, `prefix1`, … in order. */
function numbered<Item>(items: Readonly<Record<string, Item>>, prefix: string): Item[] {
  const found: Item[] = [];
  for (let item = items[`${prefix}0`]; item !== undefined; item = items[`${prefix}${found.length}`]) found.push(item);
  return found;
}

defineKernel('ToBlocks', (inputs, _, graph) =>
  numbered(inputs, 'rows').map((rows) => gatherRows(graph, inputs['run']!, rows)),
);
tf.registerGradient({
  kernelName: 'ToBlocks',
  inputsToSave: ['slots'],
  gradFunc: (dy, saved) => {
    const inputs: tf.NamedTensorMap = { slots: saved[0]! };
    (Array.isArray(dy) ? dy : [dy]).forEach((block, i) => (inputs[`block${i}`] = block));
    return { run: () => tf.engine().runKernel('GatherSlots', inputs) as tf.Tensor };
  },
});

/** The slots of the blocks that the run's rows have: `[tokens, ...]`. */
function gatherSlots(graph: Graph, blocks: readonly Value[], slots: Value): Value {
  const flat = blocks.map((block) => {
    const [sequences, length, ...rest] = block.shape as [number, number, ...number[]];
    return reshape(graph, block, [sequences * length, ...rest]);
  });
  return gatherRows(graph, concat(graph, flat, 0), slots);
}
defineKernel('GatherSlots', (inputs, _, graph) => gatherSlots(graph, numbered(inputs, 'block'), inputs['slots']!));
defineKernel('FromBlocks', (inputs, { blocks }, graph) => {
  const [slots, ...others] = Object.values(inputs);
  return gatherSlots(graph, others.slice(0, blocks), slots!);
});
defineKernel('FillSlots', ({ run, rows, filled }, _, graph) =>
  binary(graph, 'Mul', gatherRows(graph, run!, rows!), filled!),
);
tf.registerGradient({
  kernelName: 'FromBlocks',
  saveAllInputs: true,
  gradFunc: (dy, saved, attributes) => {
    const { blocks } = attributes as unknown as { blocks: number };
    const gradient = (block: number) => (): tf.Tensor => {
      const [rows, filled] = [saved[1 + blocks + block]!, saved[1 + 2 * blocks + block]!];
      return tf.engine().runKernel('FillSlots', { run: dy as tf.Tensor, rows, filled }) as tf.Tensor;
    };
    return Object.fromEntries(Array.from({ length: blocks }, (_, block) => [1 + block, gradient(block)]));
  },
});

/**
 * Gives each member the value of its group: x `[groups, ...]`, group of each member int32 `[members]` -> `[members, ...]`.
 * `membership` `[groups, members]` is 1 where the member is of the group, else 0: the gradient is a product with it, a sum over
 * the members in a fixed order.
 */
export function repeatByGroup(x: tf.Tensor, group: tf.Tensor1D, membership: tf.Tensor2D): tf.Tensor {
  return tf.engine().runKernel('RepeatByGroup', { x, group, membership }) as tf.Tensor;
}
defineKernel('RepeatByGroup', ({ x, group }, _, graph) => gatherRows(graph, x!, group!));
defineKernel('SumByGroup', ({ dy, membership }, _, graph) => {
  const [members, ...rest] = dy!.shape as [number, ...number[]];
  const width = rest.reduce((product, size) => product * size, 1);
  const sums = matMul(graph, membership!, reshape(graph, dy!, [members, width]), false, false);
  return reshape(graph, sums, [membership!.shape[0]!, ...rest]);
});
tf.registerGradient({
  kernelName: 'RepeatByGroup',
  inputsToSave: ['membership'],
  gradFunc: (dy, saved) => ({
    x: () => tf.engine().runKernel('SumByGroup', { dy: dy as tf.Tensor, membership: saved[0]! }) as tf.Tensor,
  }),
});
