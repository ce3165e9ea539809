export * from './is-serving.ts';
export { type Dependency } from './readiness.ts';
export { servingPeer } from './peer.ts';
export { waitForAll } from './wait-for-all.ts';
