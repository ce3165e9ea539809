/**
 * Fails where the contracts break what was released. The file protos/RELEASED names the commit of the last release, or its tag;
 * while there is none, nothing can break. Takes the root of a workspace (default: this one). Reads the local repository only.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const BUF = createRequire(import.meta.url).resolve('@bufbuild/buf/bin/buf');
const MARKER = 'protos/RELEASED';

/** The commit that a released name stands for. */
function commitOf(root, name) {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--verify', '--quiet', `${name}^{commit}`], { cwd: root });
  if (status === 0) return String(stdout).trim();
  throw new Error(`${MARKER} names ${name}, which this clone does not have: git fetch --tags --unshallow`);
}

/** The contracts of a commit, in a folder below the root, beside the packages that they import protos of. */
function contractsOf(root, commit, use) {
  const folder = mkdtempSync(path.join(root, 'dist.released.'));
  try {
    const archive = execFileSync('git', ['archive', commit, 'protos', 'buf.yaml'], { cwd: root, maxBuffer: 1 << 28 });
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
    symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether nothing that was released is broken; buf says what is. */
export function checkBreaking(root) {
  const marker = path.join(root, MARKER);
  const name = existsSync(marker) ? readFileSync(marker, 'utf8').trim() : '';
  if (name === '') {
    process.stdout.write(`contracts: no release is marked in ${MARKER}, so none can be broken\n`);
    return true;
  }
  return contractsOf(root, commitOf(root, name), (released) => {
    const [before, now] = [imageOf(released, released, 'released'), imageOf(root, released, 'now')];
    const args = ['breaking', now, '--against', before, '--exclude-imports'];
    const { status } = spawnSync(process.execPath, [BUF, ...args], { cwd: root, stdio: 'inherit' });
    process.stdout.write(`contracts: ${status === 0 ? 'nothing breaks' : 'something breaks'} against ${name}\n`);
    return status === 0;
  });
}

/** The contracts of a folder as one file. */
function imageOf(folder, target, name) {
  const image = path.join(target, `${name}.binpb`);
  execFileSync(process.execPath, [BUF, 'build', '-o', image, '--path', 'protos/hone'], {
    cwd: folder,
    stdio: 'inherit',
  });
  return image;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '../..'));
  try {
    if (!checkBreaking(root)) process.exitCode = 1;
  } catch (error) {
    process.stderr.write(`contracts: ${error.message}\n`);
    process.exitCode = 1;
  }
}
