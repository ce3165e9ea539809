import { z } from 'zod';

/** Checks what is given by its shape, so that an error names the key at fault; a text stands for a mapping with this key alone. */
export function byShape<Schema extends z.ZodType>(textKey: string, schemaOf: (given: object) => Schema) {
  return z.unknown().transform((given, context): z.output<Schema> => {
    const shaped = typeof given === 'string' ? { [textKey]: given } : given;
    const checked = schemaOf(Object(shaped) as object).safeParse(shaped, { reportInput: true });
    if (checked.success) return checked.data;
    context.issues.push(...(checked.error.issues as typeof context.issues));
    return z.NEVER;
  });
}
