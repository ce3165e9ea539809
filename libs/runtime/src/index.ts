/** ONNX Runtime behind a small interface. */
export { Session, type SessionOptions, type TensorData, type TensorView } from './session.ts';
