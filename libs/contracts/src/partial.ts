/** A message of which any field, at any depth, may be left out. */
export type PartialMessage<T> = T extends string | number | bigint | boolean | undefined | Uint8Array | Date
  ? T
  : T extends (infer Item)[]
    ? PartialMessage<Item>[]
    : T extends { $case: infer Case; value: infer Value }
      ? { $case: Case; value: PartialMessage<Value> }
      : { [Field in keyof T]?: PartialMessage<T[Field]> };

/**
 * Makes a message from some of its fields. Unlike the generated `fromPartial`, whose type wants literals, it takes fields that
 * were put together elsewhere.
 */
export function messageOf<T>(type: { fromPartial(fields: never): T }, fields: PartialMessage<NoInfer<T>>): T {
  return type.fromPartial(fields as never);
}
