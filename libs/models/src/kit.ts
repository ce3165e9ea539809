/** What a decoder's definition is made of. */
export { activate } from './activation.ts';
export type { Attention, DecoderDefinition, DecoderInput, WeightTensors } from './decoder-definition.ts';
export { rotaryTables, turn, type RotaryTable, type RotaryTables } from './rotary.ts';
