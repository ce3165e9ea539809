/** The syntax tree as @huggingface/jinja's parser makes it; the package does not export its types. */
import { parse, tokenize } from '@huggingface/jinja';

interface Base<Type extends string> {
  readonly type: Type;
}
export interface Identifier extends Base<'Identifier'> {
  readonly value: string;
}
export interface CallExpression extends Base<'CallExpression'> {
  readonly callee: Node;
  readonly args: readonly Node[];
}
export interface MemberExpression extends Base<'MemberExpression'> {
  readonly object: Node;
  readonly property: Node;
  readonly computed: boolean;
}
export interface SliceExpression extends Base<'SliceExpression'> {
  readonly start?: Node;
  readonly stop?: Node;
  readonly step?: Node;
}
export interface Keyword extends Base<'KeywordArgumentExpression'> {
  readonly key: Identifier;
  readonly value: Node;
}
export interface For extends Base<'For'> {
  readonly loopvar: Node;
  readonly iterable: Node;
  readonly body: readonly Node[];
  readonly defaultBlock: readonly Node[];
}
export interface SetStatement extends Base<'Set'> {
  readonly assignee: Node;
  readonly value: Node | null;
  readonly body: readonly Node[];
}
export interface Macro extends Base<'Macro'> {
  readonly name: Identifier;
  readonly args: readonly Node[];
  readonly body: readonly Node[];
}
export interface CallStatement extends Base<'CallStatement'> {
  readonly call: CallExpression;
  readonly callerArgs: readonly Node[] | null;
  readonly body: readonly Node[];
}
type FilterName = Identifier | CallExpression;
export type Node =
  | Identifier
  | CallExpression
  | MemberExpression
  | SliceExpression
  | Keyword
  | For
  | SetStatement
  | Macro
  | CallStatement
  | (Base<'Program'> & { readonly body: readonly Node[] })
  | (Base<'If'> & { readonly test: Node; readonly body: readonly Node[]; readonly alternate: readonly Node[] })
  | Base<'Break'>
  | Base<'Continue'>
  | Base<'Comment'>
  | (Base<'FilterStatement'> & { readonly filter: FilterName; readonly body: readonly Node[] })
  | (Base<'IntegerLiteral'> & { readonly value: number })
  | (Base<'FloatLiteral'> & { readonly value: number })
  | (Base<'StringLiteral'> & { readonly value: string })
  | (Base<'ArrayLiteral'> & { readonly value: readonly Node[] })
  | (Base<'TupleLiteral'> & { readonly value: readonly Node[] })
  | (Base<'ObjectLiteral'> & { readonly value: ReadonlyMap<Node, Node> })
  | (Base<'BinaryExpression'> & {
      readonly operator: { readonly value: string };
      readonly left: Node;
      readonly right: Node;
    })
  | (Base<'UnaryExpression'> & { readonly operator: { readonly value: string }; readonly argument: Node })
  | (Base<'FilterExpression'> & { readonly operand: Node; readonly filter: FilterName })
  | (Base<'TestExpression'> & { readonly operand: Node; readonly negate: boolean; readonly test: Identifier })
  | (Base<'SelectExpression'> & { readonly lhs: Node; readonly test: Node })
  | (Base<'Ternary'> & { readonly condition: Node; readonly trueExpr: Node; readonly falseExpr: Node })
  | (Base<'SpreadExpression'> & { readonly argument: Node })
  | (Base<'KeywordSpreadExpression'> & { readonly argument: Node });

/** Parses with the blocks' white space as Transformers has it; every newline of a template is "\n" in Jinja. */
export function parseTemplate(source: string): readonly Node[] {
  const tokens = tokenize(source.replace(/\r\n?/g, '\n'), { lstrip_blocks: true, trim_blocks: true });
  return parse(tokens).body as unknown as readonly Node[];
}
