import { internal, resourceExhausted } from '@hone/errors';

/** ONNX Runtime's error, with memory that ran out told apart. */
export function explain(what: string, thrown: unknown): Error {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (/alloc|out of memory|bad_alloc/i.test(message)) {
    return resourceExhausted('OUT_OF_MEMORY', `${what}: not enough memory (${message})`, thrown);
  }
  return internal(`${what}: ${message}`, thrown);
}
