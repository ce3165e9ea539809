#!/usr/bin/env node
/** `hone`: builds what is not built yet, then hands over to the command line (services/cli). */
import { existsSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`error: Hone needs Node 20.19 or newer, but this is ${process.versions.node}\n`);
  process.exit(1);
}
// An installed package carries dist only; a clone carries the sources, and keeps dist up to date with them.
if (existsSync(new URL('../scripts/build.mjs', import.meta.url))) {
  const { build } = await import('../scripts/build.mjs');
  const started = Date.now();
  try {
    if (await build()) process.stderr.write(`built in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  } catch (thrown) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(thrown.code)) throw thrown;
    process.stderr.write(`error: ${thrown.path} cannot be written: run "npm run build" once as an account that may\n`);
    process.exit(1);
  }
}
await import('../dist/cli/main.mjs');
