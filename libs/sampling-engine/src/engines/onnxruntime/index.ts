import { defineSamplingEngine } from '../../port.ts';
import { OnnxRuntimeEngine } from './onnxruntime-engine.ts';

export const onnxruntime = defineSamplingEngine({
  name: 'onnxruntime',
  summary: 'ONNX Runtime on CPUs: one definition of each model for sampling and training, the same bytes in any batch.',
  open: async (options) => new OnnxRuntimeEngine(options),
});
