export { Tokenizer, type ChatOptions, type DecodeOptions, type EncodeOptions } from './tokenizer.ts';
export { IncrementalDecoder } from './incremental-decoder.ts';
export { type ChatMessage, type Rendered } from './chat-template.ts';
