/** Requests that no honest client sends, over all methods of the contracts, from a seed. */
import { contractTypes, ProtoKind, type FieldType, type MethodType } from '@hone/rpc';
import { Random } from '@hone/statistics';
import { bytesField, doubleField, floatField, varintField } from './wire.ts';

/** How a caller behaves. */
export type Behaviour = 'waits' | 'cancels' | 'leaves' | 'hurries';

/** A call to make. */
export interface HostileCall {
  readonly method: MethodType;
  readonly messages: readonly Buffer[];
  readonly behaviour: Behaviour;
}

/** Names that exist, by what fields hold them: a request that gets through the first check meets the others. */
export type KnownNames = Readonly<Record<string, readonly string[]>>;

const LONG = 'x'.repeat(60_000);
const TEXTS = [
  '',
  'a',
  '😀',
  `${'a'.repeat(79)}😀`,
  `${'!'.repeat(39)}😀`,
  LONG,
  '😀'.repeat(2_000),
  'a\0b',
  '\u001b[31m\r\n',
  '../../../../etc/passwd',
  '/dev/zero',
  '/proc/self/environ',
  '127.0.0.1:1',
  'unix:/tmp/x:1',
  '169.254.169.254:80',
  'http://127.0.0.1:1/',
  'grpc://127.0.0.1:1',
  '{}',
  '{"a":',
  '[[[[[[',
  '\ufeff{}',
  '*',
  'null',
  '__proto__',
  'constructor',
  '9007199254740993',
  "'; drop table runs; --",
  'state = FAILED',
  'create_time > "2026-01-31T00:00:00Z"',
  'labels.a = "b" AND labels:c',
  'create_time desc',
];
const NUMBERS = [
  0n,
  1n,
  -1n,
  2n,
  3n,
  7n,
  77n,
  1_000n,
  10n ** 9n,
  2n ** 31n - 1n,
  -(2n ** 31n),
  2n ** 32n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const DOUBLES = [0, 1, 0.5, -1, 1e-4, 1e-320, 1e308, NaN, Infinity, -Infinity];
const KIND = { DOUBLE: 1, FLOAT: 2 } as const;
/** Lists in lists would outgrow any memory; a server takes no message of this size anyway. */
const MOST_LIST_BYTES = 6 * 2 ** 20;
const DEEPEST = 6;

/** Makes calls, one after the other; the same seed gives the same calls. */
export class HostileCalls {
  private readonly random: Random;
  private readonly names: KnownNames;
  private readonly methods: readonly MethodType[];
  /** Share of fields whose value is meant to harm; the others are such as a client may send. */
  private malice = 0.5;

  /** `costly` methods start processes or real work, and come less often. */
  constructor(seed: number, names: KnownNames, costly: readonly string[]) {
    this.random = new Random(BigInt(seed));
    this.names = names;
    const all = [...contractTypes().methods.values()];
    const often = all.filter(({ path }) => !costly.includes(path));
    this.methods = [...all, ...Array.from({ length: 9 }, () => often).flat()];
  }

  next(): HostileCall {
    const method = this.pick(this.methods);
    this.malice = this.pick([0.02, 0.1, 0.3, 0.8]);
    const count = method.clientStreaming ? this.pick([0, 1, 2, 3, 8]) : 1;
    const messages = Array.from({ length: count }, () => this.request(method));
    const behaviour = this.pick<Behaviour>(['waits', 'waits', 'waits', 'waits', 'cancels', 'leaves', 'hurries']);
    return { method, messages, behaviour };
  }

  private request({ input }: MethodType): Buffer {
    if (this.chance(0.02)) return this.garbage();
    const message = this.message(input, 0);
    // Half of a message, and one with bytes changed.
    if (this.chance(0.02)) return message.subarray(0, Math.floor(message.length / 2));
    if (message.length > 0 && this.chance(0.02)) message[Math.floor(this.random.uniform() * message.length)]! ^= 0x55;
    return message;
  }

  private message(type: string, depth: number): Buffer {
    const fields = [...(contractTypes().messages.get(type) ?? new Map<number, FieldType>()).values()];
    const written = fields.flatMap((field) => {
      const count = this.countOf(field, depth);
      if (count === 0) return [];
      const value = this.field(field, depth);
      // Long lists of one value: what counts is their length.
      const most = Math.max(1, Math.floor(MOST_LIST_BYTES / Math.max(1, value.length)));
      return Array.from({ length: Math.min(count, most) }, () => value);
    });
    return Buffer.concat(written);
  }

  private countOf({ repeated, kind }: FieldType, depth: number): number {
    if (kind === ProtoKind.MESSAGE && depth >= DEEPEST) return 0;
    if (!this.chance(0.8)) return 0;
    if (!repeated) return 1;
    return this.isMalicious() && depth < 3 ? this.pick([0, 1, 2, 40, 2_000]) : this.pick([0, 1, 2]);
  }

  private field({ number, name, kind, typeName }: FieldType, depth: number): Buffer {
    switch (kind) {
      case ProtoKind.MESSAGE:
        return bytesField(number, this.message(typeName, depth + 1));
      case ProtoKind.STRING:
        return bytesField(number, this.text(name));
      case ProtoKind.BYTES:
        return bytesField(number, this.isMalicious() ? this.garbage() : Buffer.from([1, 0, 0, 0, 2, 0, 0, 0]));
      case ProtoKind.ENUM:
        return varintField(
          number,
          BigInt(this.isMalicious() ? this.pick([-1, 77, 2 ** 31 - 1]) : this.pick([0, 1, 2])),
        );
      case KIND.DOUBLE:
        return doubleField(number, this.isMalicious() ? this.pick(DOUBLES) : this.pick([0, 0.5, 1]));
      case KIND.FLOAT:
        return floatField(number, this.pick(DOUBLES));
      default:
        return varintField(number, this.isMalicious() ? this.pick(NUMBERS) : this.pick([0n, 1n, 2n, 3n]));
    }
  }

  private text(name: string): Buffer {
    if (this.isMalicious()) return this.chance(0.05) ? this.garbage() : Buffer.from(this.pick(TEXTS));
    const known = this.names[name] ?? [];
    return Buffer.from(known.length > 0 ? this.pick(known) : this.pick(['', 'a', 'b']));
  }

  private garbage(): Buffer {
    const length = this.pick([0, 1, 3, 4, 64, 4_096]);
    return Buffer.from(Array.from({ length }, () => this.random.bits() & 0xff));
  }

  private isMalicious(): boolean {
    return this.chance(this.malice);
  }

  private chance(share: number): boolean {
    return this.random.uniform() < share;
  }

  private pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.random.uniform() * items.length)]!;
  }
}
