/** Matrices, and sums and products of them worked out. */
import { negative, product, sum } from '../tree/build.ts';
import { MAX_MATRIX_SIDE } from '../limits.ts';
import type { Node, NodeOf } from '../tree/node.ts';

type Rows = readonly (readonly Node[])[];

/** The cells of a matrix or of arithmetic on matrices; undefined for anything else. */
export function matrixOf(node: Node): Rows | undefined {
  switch (node.kind) {
    case 'matrix':
      return node.rows;
    case 'tuple':
      return ofTuples(node);
    case 'power':
      return isTransposition(node.exponent) ? transposed(matrixOf(node.base)) : undefined;
    case 'negative':
      return mapCells(matrixOf(node.value), negative);
    case 'sum':
      return fold(node.terms, add);
    case 'product':
      return ofProduct(node.factors);
    case 'quotient':
      return mapCells(matrixOf(node.top), (cell) => ({ kind: 'quotient', top: cell, bottom: node.bottom }));
    default:
      return undefined;
  }
}

/** `[[1, 2], [3, 4]]` */
function ofTuples({ open, items }: NodeOf<'tuple'>): Rows | undefined {
  const rows = items.map((item) => (item.kind === 'tuple' && item.open === '[' ? item.items : undefined));
  return open === '[' && !rows.includes(undefined) ? (rows as Rows) : undefined;
}

const isTransposition = (node: Node): boolean => node.kind === 'symbol' && (node.name === 'T' || node.name === 'top');

const transposed = (rows: Rows | undefined): Rows | undefined =>
  rows?.[0]?.map((_cell, x) => rows.map((row) => row[x] ?? rows[0]![0]!));

function ofProduct(factors: readonly Node[]): Rows | undefined {
  const isScalar = (factor: Node): boolean => matrixOf(factor) === undefined;
  const matrices = factors.filter((factor) => !isScalar(factor));
  if (matrices.length === 0) return undefined;
  const scalars = factors.filter(isScalar);
  const rows = fold(matrices, multiply);
  return scalars.length === 0 ? rows : scaled(rows, product(scalars));
}

function fold(nodes: readonly Node[], join: (a: Rows, b: Rows) => Rows | undefined): Rows | undefined {
  let total: Rows | undefined;
  for (const [at, node] of nodes.entries()) {
    const rows = matrixOf(node);
    if (!rows || !isSmall(rows) || (at > 0 && !total)) return undefined;
    total = total ? join(total, rows) : rows;
  }
  return total;
}

const isSmall = (rows: Rows): boolean =>
  rows.length <= MAX_MATRIX_SIDE && rows.every((row) => row.length <= MAX_MATRIX_SIDE);

const mapCells = (rows: Rows | undefined, to: (cell: Node) => Node): Rows | undefined =>
  rows?.map((row) => row.map(to));

const scaled = (rows: Rows | undefined, by: Node): Rows | undefined => mapCells(rows, (cell) => product([by, cell]));

function add(a: Rows, b: Rows): Rows | undefined {
  if (a.length !== b.length || a.some((row, at) => row.length !== b[at]!.length)) return undefined;
  return a.map((row, y) => row.map((cell, x) => sum([cell, b[y]![x]!])));
}

function multiply(a: Rows, b: Rows): Rows | undefined {
  if (a.some((row) => row.length !== b.length)) return undefined;
  return a.map((row) => b[0]!.map((_cell, x) => sum(row.map((cell, y) => product([cell, b[y]![x]!])))));
}
