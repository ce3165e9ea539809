/** ONNX Runtime behind a small interface. */
export { Session } from './open-session.ts';
export type { Binding, SessionOptions } from './session.ts';
export type { TensorData, TensorView, TensorViews } from './tensor.ts';
