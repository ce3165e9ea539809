import path from 'node:path';
import { invalidArgument } from '@hone/errors';
import { ROLES } from '@hone/rpc';
import { Output } from '@hone/terminal';
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { serverOf } from '../platform/deployment.ts';
import { Home, type OwnParts } from '../platform/home.ts';

/** The home that the command's --home names. */
export function homeOf(command: Command): Home {
  const options = command.optsWithGlobals<{ home: string; server?: string } & OwnParts>();
  const folder = (given: string | undefined): string | undefined => (given ? path.resolve(given) : undefined);
  const { home, server, recipes, engines, samplingEngine, trainingEngine } = options;
  const own = { recipes: folder(recipes), engines: folder(engines), samplingEngine, trainingEngine };
  return new Home(home, serverOf(server), own);
}

/** The home of a command that works on this machine's store or processes. */
export function localHomeOf(command: Command, what: string): Home {
  const home = homeOf(command);
  if (home.server !== undefined)
    throw invalidArgument('--server', `must not be set (nor HONE_SERVER): ${what}, on the machine that has it`);
  return home;
}

export const outputOf = (options: { json?: boolean }): Output => new Output(options.json ?? false);

/** A whole number of at least `least`. */
export const integer =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least)
      throw new InvalidArgumentError(`must be a whole number of at least ${least}`);
    return value;
  };

/** First of the services' ports; 0 for any free ones. */
export function portBase(text: string): number {
  const highest = 65_536 - ROLES.length;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > highest)
    throw new InvalidArgumentError(`must be a whole number from 0 to ${highest}`);
  return value;
}

/** `--seed`, with its default in words: help cannot write a bigint. */
export const seedOption = (description: string, fallback: bigint): Option =>
  new Option('--seed <number>', description).argParser(seed).default(fallback, String(fallback));

/** A seed: a whole number below 2^64. */
function seed(text: string): bigint {
  if (!/^\d{1,20}$/.test(text) || BigInt(text) >= 1n << 64n)
    throw new InvalidArgumentError('must be a whole number from 0 to 2^64 - 1');
  return BigInt(text);
}

/** A number; its range is the service's to check. */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('must be a number');
  return value;
}

/** "runs/x" or "x" -> "runs/x". */
export const resourceName = (collection: string, text: string): string =>
  text.startsWith(`${collection}/`) ? text : `${collection}/${text}`;
