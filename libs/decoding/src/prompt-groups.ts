import type { CachedPrompt } from './prompt-cache.ts';

/**
 * Which rows of the batch belong to which prompt, as the graph takes it: attention to prompts is one matrix product a prompt,
 * with the queries of all its rows.
 */
export class PromptGroups {
  /** Prompts, and the most rows that one has; rows of a prompt that has fewer are filled up with row 0, whose results nobody takes. */
  prompts = 1;
  members = 1;
  /** `[prompts, members]`: rows of the batch. */
  readonly rowOfMember: Int32Array;
  /** `[batch]`: of each row its index in the flattened `[prompts * members]`. */
  readonly memberOfRow: Int32Array;

  constructor(
    maxRows: number,
    /** With one row alone a matrix product is another routine, with other rounding. */
    private readonly fewestMembers: number,
  ) {
    this.rowOfMember = new Int32Array(maxRows * Math.max(maxRows, fewestMembers));
    this.memberOfRow = new Int32Array(maxRows);
  }

  /** Groups rows by their prompts; `count` prompts are held. */
  fill(prompts: readonly (CachedPrompt | undefined)[], count: number): void {
    this.prompts = Math.max(1, count);
    const most = prompts.reduce((largest, prompt) => Math.max(largest, prompt?.users ?? 0), this.fewestMembers);
    // Powers of two, so that few shapes occur.
    this.members = 2 ** Math.ceil(Math.log2(most));
    const filled = new Int32Array(this.prompts);
    this.rowOfMember.fill(0, 0, this.prompts * this.members);
    for (const [row, prompt] of prompts.entries()) {
      const member = prompt ? prompt.row * this.members + filled[prompt.row]!++ : 0;
      this.memberOfRow[row] = member;
      if (prompt) this.rowOfMember[member] = row;
    }
  }
}
