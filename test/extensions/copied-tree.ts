/** A copy of this repository's sources, in which the examples of the guides are put where the guides say. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '../..');
export const EXAMPLES = path.join(ROOT, 'examples/extensions');

/** What a build is made from. */
const COPIED = ['bin', 'protos', 'scripts', 'buf.yaml', 'buf.gen.yaml', 'package.json', 'package-lock.json'];

/** Where a guide says that an example goes, and what it imports there in place of the library that it then lies in. */
export interface Placed {
  readonly example: string;
  readonly target: string;
  readonly library: string;
  readonly inside: string;
}

export class CopiedTree {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'hone-tree-'));
  private up: ChildProcess | undefined;

  constructor() {
    for (const name of COPIED) cpSync(path.join(ROOT, name), this.at(name), { recursive: true });
    for (const kind of ['libs', 'services']) this.copyPackages(kind);
    this.linkModules();
  }

  at(...names: string[]): string {
    return path.join(this.folder, ...names);
  }

  private copyPackages(kind: string): void {
    for (const name of readdirSync(path.join(ROOT, kind))) {
      const [source, target] = [path.join(ROOT, kind, name), this.at(kind, name)];
      const isSource = (file: string): boolean => path.basename(file) !== 'node_modules' && !file.endsWith('.test.ts');
      cpSync(source, target, { recursive: true, filter: isSource });
      const installed = path.join(source, 'node_modules');
      if (existsSync(installed)) symlinkSync(installed, path.join(target, 'node_modules'));
    }
  }

  /** Packages of npm are those of this checkout; Hone's own are the copies. */
  private linkModules(): void {
    const [source, target] = [path.join(ROOT, 'node_modules'), this.at('node_modules')];
    mkdirSync(path.join(target, '@hone'), { recursive: true });
    for (const name of readdirSync(source))
      if (name !== '@hone') symlinkSync(path.join(source, name), path.join(target, name));
    for (const kind of ['libs', 'services'])
      for (const name of readdirSync(this.at(kind))) {
        const { name: full } = JSON.parse(readFileSync(this.at(kind, name, 'package.json'), 'utf8')) as {
          name: string;
        };
        symlinkSync(this.at(kind, name), path.join(target, full));
      }
  }

  /** Puts an example where its guide says. There must be nothing yet. */
  put({ example, target, library, inside }: Placed): void {
    const text = readFileSync(path.join(EXAMPLES, example), 'utf8');
    if (!text.includes(`'${library}'`)) throw new Error(`${example} does not import from ${library}`);
    writeFileSync(this.at(target), text.replace(`'${library}'`, `'${inside}'`), { flag: 'wx' });
  }

  /** `hone ARGS`, which builds what has changed; its output, where it succeeds. */
  async hone(...args: string[]): Promise<string> {
    const child = this.start(args);
    const texts = { stdout: '', stderr: '' };
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`hone ${args.join(' ')} ended with ${code}: ${texts.stderr}${texts.stdout}`);
    return texts.stdout;
  }

  /** `hone ARGS --json`. */
  async ask<Document>(...args: string[]): Promise<Document> {
    return JSON.parse(await this.hone(...args, '--json')) as Document;
  }

  /** `hone up`, until `remove`. */
  async startUp(...flags: string[]): Promise<void> {
    const up = (this.up = this.start(['up', '--port-base', '0', ...flags]));
    let text = '';
    await new Promise<void>((resolve, reject) => {
      up.stdout!.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (text.includes('Ctrl-C ends them')) resolve();
      });
      up.stderr!.setEncoding('utf8').on('data', (part: string) => (text += part));
      up.once('exit', () => reject(new Error(`the services did not start: ${text}`)));
    });
  }

  async remove(): Promise<void> {
    const { up } = this;
    if (up && up.exitCode === null && up.signalCode === null) {
      up.kill('SIGINT');
      await once(up, 'exit');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private start(args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [this.at('bin/hone.mjs'), '--home', this.at('home'), ...args], {
      env: { ...process.env, HONE_DEBUG: '', HONE_THREADS: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}
