export { ArtifactStore } from './artifact-store.ts';
export type { JsonLinesArtifact } from './json-lines.ts';
export { MANIFEST_NAME, type FolderArtifact, type ManifestEntry } from './folder.ts';
export { digestOf, digestOfFile, isDigest, requireDigest, type Digest } from './digest.ts';
export { canonicalJson } from './canonical-json.ts';
export { createFolderAtomically, writeFileAtomically } from './atomic.ts';
