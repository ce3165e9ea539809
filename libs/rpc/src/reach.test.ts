import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Violations } from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { afterAll, expect, test } from 'vitest';
import { readCertificateFile } from './certificate-file.ts';
import {
  isLoopback,
  mayReach,
  noteUnreachable,
  parseAddresses,
  scorerReach,
  serviceReach,
  type NamedService,
} from './reach.ts';

test('a service on loopback reaches loopback, and else what is listed', () => {
  const own = scorerReach({ address: '127.0.0.1:50056', allowScorers: ['scorer.example:443', '10.0.0.7:*'] });
  for (const address of [
    '127.0.0.1:1',
    'localhost:80',
    '[::1]:80',
    'scorer.example:443',
    'Scorer.Example:443',
    '10.0.0.7:9',
  ])
    expect(mayReach(address, own), address).toBe(true);
  for (const address of [
    'scorer.example:444',
    '10.0.0.8:9',
    '0.0.0.0:80',
    '127.0.0.1.example:80',
    '2130706433:80',
    '[::ffff:127.0.0.1]:80',
  ])
    expect(mayReach(address, own), address).toBe(false);
  const open = scorerReach({ address: '0.0.0.0:50056' });
  expect(mayReach('127.0.0.1:1', open)).toBe(false);
  expect(mayReach('any:1', scorerReach({ address: '0.0.0.0:50056', allowScorers: ['*'] }))).toBe(true);
  expect(isLoopback('127.0.0.1:0')).toBe(true);
});

test('of several addresses, each must be listed; what is listed for one service is not for another', () => {
  const settings = { address: '0.0.0.0:1', allowSamplers: ['a:1'], allowTrainers: ['b:2'] };
  const refused = (role: NamedService, address: string) => {
    const violations = new Violations();
    noteUnreachable({ address }, 'spec.x', serviceReach(role, settings), violations);
    return violations.all.map(
      ({ field, description }) => `${field} ${/--[\w-]+/.exec(description)?.[0]} ${description.slice(-5)}`,
    );
  };
  expect(refused('sampler', 'a:1')).toEqual([]);
  expect(refused('sampler', 'a:1, b:2')).toEqual(['spec.x.address --allow-samplers "b:2"']);
  expect(refused('trainer', 'b:2')).toEqual([]);
  expect(refused('evaluator', 'a:1')).toEqual(['spec.x.address --allow-evaluators "a:1"']);
});

test('lists of addresses are checked when they are read', () => {
  expect(parseAddresses(' A:1, b:* ,*,', '--allow-scorers')).toEqual(['a:1', 'b:*', '*']);
  for (const text of ['a', 'http://a:1', 'a:b', 'unix:/x:1']) expect(() => parseAddresses(text, '--x')).toThrow(/--x/);
});

const folder = mkdtempSync(path.join(tmpdir(), 'hone-certificates-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => path.join(folder, name);
const PEM = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';

test('a file that a caller names is read where it may be, and is told from no other where it may not', () => {
  writeFileSync(file('good.pem'), PEM);
  writeFileSync(file('other.txt'), 'secret');
  writeFileSync(file('large.pem'), PEM);
  truncateSync(file('large.pem'), 2 << 20);
  execFileSync('mkfifo', [file('pipe')]);
  symlinkSync('/etc/passwd', file('link.pem'));
  expect(readCertificateFile(file('good.pem'), 'tls', [folder]).toString()).toBe(PEM);
  expect(readCertificateFile(file('good.pem'), 'tls', [file('good.pem')]).toString()).toBe(PEM);
  expect(readCertificateFile(file('good.pem'), 'tls').toString()).toBe(PEM);
  const errorOf = (name: string, allowed?: string[]): string => {
    try {
      readCertificateFile(name, 'tls', allowed);
      return 'read';
    } catch (thrown) {
      return (thrown as HoneError).message;
    }
  };
  const messages = [
    errorOf(file('good.pem'), []),
    errorOf(file('good.pem'), [`${folder}/good`]),
    ...['other.txt', 'large.pem', 'pipe', 'link.pem', 'absent.pem', '.', '../../etc/passwd'].map((name) =>
      errorOf(file(name), [folder]),
    ),
    ...['/dev/zero', '/dev/stdin', '/proc/self/environ', '/etc/shadow', 'a\0b', ''].map((name) => errorOf(name)),
  ];
  expect(new Set(messages).size).toBe(1);
  expect(messages[0]).toMatch(/^tls: must be a certificate or key \(PEM\) of at most 1 MB/);
});
