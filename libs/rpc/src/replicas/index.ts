export { addressesIn } from './addresses.ts';
export { ReplicaSet, type ReplicaSetOptions } from './replica-set.ts';
export { ReplicaSets, type ReplicaSetsOptions } from './replica-sets.ts';
