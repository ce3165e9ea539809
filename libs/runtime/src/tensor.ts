/** The arrays that tensors are made over. Their class is the tensor's type: float32, int32, or bool. */
export type TensorData = Float32Array | Int32Array | Uint8Array;

/** A tensor over a typed array, which is used in place and never copied on its way in. */
export interface TensorView {
  readonly data: TensorData;
  readonly shape: readonly number[];
}

export type TensorViews = Readonly<Record<string, TensorView>>;
