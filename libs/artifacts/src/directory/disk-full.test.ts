import { execFileSync, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/folder.ts';

/** A file system of 2 MiB needs a mount namespace of our own, which not every machine allows. */
const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

const PROGRAM = `
import { randomBytes } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArtifactStore, writeFileAtomically } from ${JSON.stringify(join(import.meta.dirname, '../index.ts'))};
const root = process.argv[2];
const store = await ArtifactStore.open(root);
const noise = (bytes) => randomBytes(bytes).toString('hex');
function* rows() { for (let i = 0; i < 5000; i++) yield { i, text: noise(1000) }; }
const attempts = {
  rows: () => store.putJsonLines(rows()),
  folder: () => store.createFolder(async (folder) => writeFileSync(join(folder, 'a'), Buffer.alloc(4e6))),
  file: () => writeFileAtomically(join(root, 'file'), Buffer.alloc(4e6)),
};
const errors = {};
for (const [name, attempt] of Object.entries(attempts)) {
  await attempt().catch(({ code, reason, message }) => (errors[name] = { code, reason, message }));
}
console.log(JSON.stringify({ errors, left: readdirSync(root, { recursive: true }).sort() }));
`;

describe('a full disk', () => {
  it.skipIf(!canMount)('is RESOURCE_EXHAUSTED, names the path, and leaves nothing half-written', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'program.mjs'), PROGRAM);
    const outfile = join(folder, 'bundle.mjs');
    await build({
      entryPoints: [join(folder, 'program.mjs')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      nodePaths: [join(import.meta.dirname, '../../../../node_modules')],
    });
    const mounted = 'mount -t tmpfs -o size=2m none /mnt && exec "$0" "$1" /mnt';
    const output = execFileSync('unshare', ['-rm', 'sh', '-c', mounted, process.execPath, outfile], {
      encoding: 'utf8',
    });
    const full = { code: 'RESOURCE_EXHAUSTED', reason: 'DISK_FULL' };
    const failure = (path: string): object => ({
      ...full,
      message: expect.stringContaining(`while writing ${path}:`) as string,
    });
    expect(JSON.parse(output)).toEqual({
      errors: { rows: failure('/mnt/rows'), folder: failure('/mnt/folders'), file: failure('/mnt/file') },
      left: ['folders', 'notes', 'rows'],
    });
  });
});
