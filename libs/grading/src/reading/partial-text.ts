/** A half-open range of UTF-16 code units. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A run of the text, and where it stands in the completion. */
interface Part {
  readonly at: number;
  readonly origin: number;
}

/** What is left of a completion where parts of it are not read; it knows where each character comes from. */
export class PartialText {
  readonly text: string;
  /** In their order; each goes up to the next one. */
  private readonly parts: readonly Part[];

  private constructor(text: string, parts: readonly Part[]) {
    [this.text, this.parts] = [text, parts];
  }

  static of(completion: string): PartialText {
    return new PartialText(completion, [{ at: 0, origin: 0 }]);
  }

  /** Without what stands from `end` on. */
  upTo(end: number): PartialText {
    return new PartialText(this.text.slice(0, end), this.parts);
  }

  /**
   * Without these ranges, which are ordered and do not overlap. Words on both sides stay apart, and blank space behind a range at
   * the start goes with it: the rest reads as if the range had never been there.
   */
  without(ranges: readonly Range[]): PartialText {
    if (ranges.length === 0) return this;
    const parts: Part[] = [];
    let text = '';
    let from = 0;
    const take = (start: number, end: number): void => {
      let begin = start;
      if (text === '' && start > 0) while (begin < end && /\s/.test(this.text[begin]!)) begin += 1;
      if (begin === end) return;
      if (text !== '' && !/\s$/.test(text) && !/\s/.test(this.text[begin]!)) {
        parts.push({ at: text.length, origin: this.originOf(begin) });
        text += ' ';
      }
      this.copyParts(begin, end, text.length, parts);
      text += this.text.slice(begin, end);
    };
    for (const { start, end } of ranges) {
      take(from, start);
      from = end;
    }
    take(from, this.text.length);
    return new PartialText(text, parts);
  }

  private copyParts(start: number, end: number, at: number, into: Part[]): void {
    into.push({ at, origin: this.originOf(start) });
    for (const part of this.parts)
      if (part.at > start && part.at < end) into.push({ at: at + part.at - start, origin: part.origin });
  }

  /** Where in the completion the character at a position stands. */
  private originOf(position: number): number {
    let low = 0;
    let high = this.parts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.parts[middle]!.at <= position) low = middle;
      else high = middle - 1;
    }
    const part = this.parts[low];
    return part ? part.origin + position - part.at : position;
  }

  /** The range of the completion that a range of the text spans. */
  spanOf({ start, end }: Range): Range {
    if (end <= start) return { start: this.originOf(start), end: this.originOf(start) };
    return { start: this.originOf(start), end: this.originOf(end - 1) + 1 };
  }
}
