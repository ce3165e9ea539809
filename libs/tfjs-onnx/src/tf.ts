/**
 * tfjs-core with its gradients. The package's main entry for Node registers none, so its ECMAScript modules are used, which
 * builds and tests bundle (Node cannot load them by itself).
 */
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';

export * from '@tensorflow/tfjs-core/dist/index.js';
