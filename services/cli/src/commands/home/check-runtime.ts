import { createRequire } from 'node:module';
import { Session } from '@hone/runtime';
import { tf, trace } from '@hone/tfjs-onnx';
import type { Check } from './check.ts';

const require = createRequire(import.meta.url);

/** Traces a product, runs it and looks at the result: the whole way that every computation goes. */
export async function runtime(): Promise<Check> {
  try {
    const inputs = { x: { shape: [2, 2], dtype: 'float32' } } as const;
    const model = trace({ inputs }, ({ x }) => ({ y: tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D) }));
    const session = await Session.create(model, { threads: 1 });
    const { y } = await session.run({ x: { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] } }, ['y']);
    await session.close();
    const right = String([...(y ?? [])]) === '7,10,15,22';
    return {
      name: 'ONNX Runtime',
      health: right ? 'fine' : 'broken',
      finding: right
        ? `${(require('onnxruntime-node/package.json') as { version: string }).version}: a traced graph runs and is right`
        : `a traced graph gives ${String(y)}`,
    };
  } catch (thrown) {
    return { name: 'ONNX Runtime', health: 'broken', finding: `${(thrown as Error).message}; run npm ci again` };
  }
}
