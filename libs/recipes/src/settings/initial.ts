/** Keys that recipes share, with defaults of a recipe's own. */
import { z } from 'zod';

/** The same keys, ranges and descriptions with other defaults. */
export function withInitial<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape, z.core.$strict>,
  initial: { readonly [Key in keyof Shape]?: z.output<Shape[Key]> },
): z.ZodObject<Shape, z.core.$strict> {
  const changed = Object.entries(initial).map(([key, value]) => {
    const before = schema.shape[key] as unknown as z.ZodType;
    const bare = before instanceof z.ZodDefault ? (before.unwrap() as z.ZodType) : before;
    return [key, bare.default(value as never).describe(before.description ?? '')];
  });
  return z.strictObject({ ...schema.shape, ...Object.fromEntries(changed) });
}
