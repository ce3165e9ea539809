import { defineTrainingEngine } from '../../port.ts';
import { OnnxRuntimeEngine } from './onnxruntime-engine.ts';

export const onnxruntime = defineTrainingEngine({
  name: 'onnxruntime',
  summary:
    'ONNX Runtime on CPUs: every loss, adapters, recomputed activations, and jobs that go on where they were killed.',
  open: async (options) => new OnnxRuntimeEngine(options),
});
