import type { CachedPrompt } from './prompt-cache.ts';

/**
 * Which rows of the batch belong to which prompt, as the graph takes it: attention to prompts is one matrix product a prompt and
 * key head, with the queries of all the prompt's rows.
 */
export class PromptGroups {
  /** Prompts, and the most rows that one has; rows of a prompt that has fewer are filled up with row 0, whose results nobody takes. */
  prompts = 1;
  members = 1;
  /** `[prompts, heads, members]`: indices in the flattened `[batch * heads]`. */
  readonly memberIndices: Int32Array;
  /** `[batch, heads]`: indices in the flattened `[prompts * heads * members]`. */
  readonly rowIndices: Int32Array;
  /** `[batch]` */
  readonly promptOfRow: Int32Array;

  constructor(
    maxRows: number,
    /** Key heads. */
    readonly heads: number,
    /** With one row alone a matrix product is another routine, with other rounding. */
    private readonly fewestMembers: number,
  ) {
    this.memberIndices = new Int32Array(maxRows * heads * Math.max(maxRows, fewestMembers));
    this.rowIndices = new Int32Array(maxRows * heads);
    this.promptOfRow = new Int32Array(maxRows);
  }

  /** Groups rows by their prompts; `count` prompts are held. */
  fill(prompts: readonly (CachedPrompt | undefined)[], count: number): void {
    this.prompts = Math.max(1, count);
    const most = prompts.reduce((largest, prompt) => Math.max(largest, prompt?.users ?? 0), this.fewestMembers);
    // Powers of two, so that few shapes occur.
    this.members = 2 ** Math.ceil(Math.log2(most));
    const filled = new Int32Array(this.prompts);
    this.memberIndices.fill(0, 0, this.prompts * this.heads * this.members);
    for (const [row, prompt] of prompts.entries()) {
      this.promptOfRow[row] = prompt?.row ?? 0;
      this.assign(row, prompt, prompt ? filled[prompt.row]!++ : 0);
    }
  }

  private assign(row: number, prompt: CachedPrompt | undefined, member: number): void {
    const { heads, members } = this;
    for (let head = 0; head < heads; head++) {
      const index = ((prompt?.row ?? 0) * heads + head) * members + member;
      this.rowIndices[row * heads + head] = index;
      if (prompt) this.memberIndices[index] = row * heads + head;
    }
  }
}
