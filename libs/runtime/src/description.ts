/** What computes where ONNX Runtime does. Apart from the sessions, so that a process that only tells of it loads no runtime. */
import { createRequire } from 'node:module';
import { cpus } from 'node:os';

/** Name, version and device, as hone.types.v1.Engine has them. */
export interface RuntimeDescription {
  readonly name: string;
  readonly version: string;
  readonly device: string;
  readonly deviceName: string;
}

/** The ONNX Runtime that is installed, on this machine's CPU. */
export function describeRuntime(): RuntimeDescription {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return { name: 'onnxruntime', version, device: 'cpu', deviceName: cpus()[0]?.model.trim() ?? '' };
}
