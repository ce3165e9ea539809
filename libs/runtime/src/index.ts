/** ONNX Runtime behind a small interface. */
export { Session, type Binding, type SessionOptions } from './session.ts';
export type { TensorData, TensorView, TensorViews } from './tensor.ts';
