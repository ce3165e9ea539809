/** Texts of completions: tokenizers come with checkpoints and may take any time, so this is for worker processes alone. */
export { endTokenOf, needsTokenizer, openTokenizer } from './model-tokenizer.ts';
export { cutAtStop, stopTest, textUntilStop } from './stop-text.ts';
