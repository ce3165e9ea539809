/** Nonlinearities of feed-forward layers. */
import type { Activation } from '@hone/checkpoint';
import { silu, tf } from '@hone/tfjs-onnx';

const ACTIVATIONS: Readonly<Record<Activation, (x: tf.Tensor2D) => tf.Tensor2D>> = {
  silu,
  relu: (x) => tf.relu(x),
  /** x times the normal distribution function (Hendrycks & Gimpel, arXiv 1606.08415, section 2). */
  gelu: (x) => tf.mul(tf.mul(0.5, x), tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2)))),
  'gelu-tanh': (x) => {
    const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(tf.mul(x, x), x))));
    return tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(inner)));
  },
  'quick-gelu': (x) => tf.mul(x, tf.sigmoid(tf.mul(1.702, x))),
};

export const activate = (activation: Activation, x: tf.Tensor2D): tf.Tensor2D => ACTIVATIONS[activation](x);
