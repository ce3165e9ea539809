import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { ArtifactStore, verifyStore } from '../index.ts';
import { listAll, temporaryFolder } from '../testing/folder.ts';

const KILLS = 8;

/** Stores artifacts without end, and prints the kind and digest of each that it has stored. */
const WRITER = `
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArtifactStore } from ${JSON.stringify(join(import.meta.dirname, '../index.ts'))};
const store = await ArtifactStore.open(process.argv[2]);
function* rows() { for (let i = 0; i < 300; i++) yield { i, noise: randomBytes(500).toString('hex') }; }
const files = (folder) => { for (const name of 'abc') writeFileSync(join(folder, name), randomBytes(200_000)); };
for (;;) {
  console.log('rows ' + (await store.putJsonLines(rows())).digest);
  console.log('folder ' + (await store.createFolder(async (folder) => files(folder))).digest);
}
`;

async function buildWriter(): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'writer.mjs'), WRITER);
  const outfile = join(folder, 'bundle.mjs');
  await build({
    entryPoints: [join(folder, 'writer.mjs')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@aws-sdk/*'],
  });
  return outfile;
}

/** Lets a writer work, kills it at some moment behind its first artifact, and gives what it said it had stored. */
async function killedWriter(program: string, root: string, afterMs: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, root], { stdio: ['ignore', 'pipe', 'inherit'] });
  const stored: string[] = [];
  const ended = new Promise((resolve) => child.once('close', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    if (stored.length === 0) void delay(afterMs).then(() => child.kill('SIGKILL'));
    stored.push(line);
  }
  await ended;
  return stored;
}

describe('writers that are killed', () => {
  it('leave every artifact they told of, none that is half written, and nothing else once the store is opened', async () => {
    const program = await buildWriter();
    const root = await temporaryFolder();
    const told = new Set<string>();
    let leftovers = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      for (const line of await killedWriter(program, root, 3 + 11 * kill)) told.add(line);
      leftovers += (await listAll(root)).filter((name) => name.includes('.hone-tmp')).length;
    }
    // The kills came while something was being written, or this test shows nothing.
    expect(leftovers).toBeGreaterThan(0);
    const store = await ArtifactStore.open(root);
    expect((await listAll(root)).filter((name) => name.includes('.hone-tmp'))).toEqual([]);
    const found = new Set<string>();
    for await (const { artifact, status, problem } of verifyStore(store)) {
      expect({ status, problem }).toEqual({ status: 'SOUND', problem: '' });
      found.add(`${artifact.kind} ${artifact.digest}`);
    }
    expect([...told].filter((line) => !found.has(line))).toEqual([]);
    // A writer may have been killed between storing an artifact and telling of it.
    expect(found.size).toBeLessThanOrEqual(told.size + KILLS);
  });
});
