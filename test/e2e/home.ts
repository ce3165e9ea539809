/** A home with `hone up` running in it, as a user has it, and commands in it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildServices } from './platform.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.mjs', import.meta.url));

/** What a command ended with. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of its own, for a home and for files of the test. */
export class TestHome {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'hone-home-'));
  private up: ChildProcess | undefined;

  /** Runs `hone`; gives its exit code and what it printed. */
  async hone(...args: string[]): Promise<Ended> {
    const child = this.start(args);
    const texts = { stdout: '', stderr: '' };
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, ...texts };
  }

  /** Runs `hone … --json`, which must succeed; gives its document. */
  async ask<Document>(...args: string[]): Promise<Document> {
    const { code, stdout, stderr } = await this.hone(...args, '--json');
    if (code !== 0) throw new Error(`hone ${args.join(' ')}: ${stderr}`);
    return JSON.parse(stdout) as Document;
  }

  /** Runs `hone` until it has printed a text, and ends it by a signal then; gives what it ended with. */
  async honeUntil(text: string, signal: 'SIGINT' | 'SIGKILL', ...args: string[]): Promise<Ended> {
    const child = this.start(args);
    const texts = { stdout: '', stderr: '' };
    const take = (stream: keyof typeof texts) => (part: string) => {
      texts[stream] += part;
      // A second signal would mean at once.
      if (!child.killed && texts[stream].includes(text)) child.kill(signal);
    };
    child.stdout!.setEncoding('utf8').on('data', take('stdout'));
    child.stderr!.setEncoding('utf8').on('data', take('stderr'));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, ...texts };
  }

  /** `hone up`, until `down`. */
  async startUp(...flags: string[]): Promise<void> {
    await buildServices();
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

  async down(signal: 'SIGINT' | 'SIGKILL' = 'SIGINT'): Promise<void> {
    const { up } = this;
    this.up = undefined;
    if (!up || up.exitCode !== null || up.signalCode !== null) return;
    up.kill(signal);
    await once(up, 'exit');
  }

  /** The process of a service of `hone up`. */
  pidOf(role: string): number {
    const { pid } = this.up!;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
    return children.find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes(`/${role}/main.mjs`))!;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private start(args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [MAIN, '--home', path.join(this.folder, 'home'), ...args], {
      env: { ...process.env, HONE_DEBUG: '', HONE_THREADS: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}
