/**
 * `node scripts/demo-base.mjs [--check]`: makes the model that the demo starts from, M_0 of `hone demo --from-scratch --seed 1`, and writes
 * it to examples/arithmetic-base; with --check it is only compared with what is there. Takes minutes. On a processor with other vector
 * instructions than those in test/identity/recorded.json the weights may round otherwise.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const folder = path.join(root, 'examples', 'arithmetic-base');
const home = mkdtempSync(path.join(tmpdir(), 'hone-demo-base-'));
try {
  const flags = ['--home', home, 'demo', '--from-scratch', '--seed', '1', '--iterations', '1', '--json'];
  const stdout = execFileSync(process.execPath, [path.join(root, 'bin', 'hone.mjs'), ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 26,
  });
  const { checkpoint } = JSON.parse(stdout.toString()).iterations[0];
  const made = path.join(home, 'store', 'folders', checkpoint.slice('checkpoints/'.length));
  const files = readdirSync(made).filter((name) => name !== 'MANIFEST.json');
  const differing = files.filter((name) => !equal(path.join(made, name), path.join(folder, name)));
  if (!process.argv.includes('--check'))
    for (const name of files) copyFileSync(path.join(made, name), path.join(folder, name));
  process.stdout.write(`${checkpoint}: ${differing.length === 0 ? 'as it was' : `${differing.join(', ')} differ`}\n`);
  process.exitCode = process.argv.includes('--check') && differing.length > 0 ? 1 : 0;
} finally {
  rmSync(home, { recursive: true, force: true });
}

function equal(one, other) {
  try {
    return readFileSync(one).equals(readFileSync(other));
  } catch {
    return false;
  }
}
