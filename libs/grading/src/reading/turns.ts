/** Where a completion's own turn ends. */

/** Tokens that end a turn, or begin another, in the chat formats of models. */
const TURN_TOKEN = new RegExp(
  [
    String.raw`<\|(?:im_start|im_end|endoftext|end_of_text|eot_id|eom_id|end|return|start_header_id|user|system|observation)\|>`,
    String.raw`<\/s>|<(?:start|end)_of_turn>|<eos>|<EOT>|\[\/?INST\]|<｜(?:User|end▁of▁sentence)｜>|<\|(?:START|END)_OF_TURN_TOKEN\|>`,
  ].join('|'),
  'g',
);

/** What a completion may begin with: the header of its own turn. */
const OWN_HEADER =
  /^(?:\s|<s>|<bos>|\[\/INST\]|<\|im_start\|>\s?assistant|<\|start_header_id\|>assistant<\|end_header_id\|>|<start_of_turn>model|<\|assistant\|>|<｜Assistant｜>)*/;

/** Where the first token stands that ends the turn; the length of the text where none does. */
export function turnEnd(text: string): number {
  TURN_TOKEN.lastIndex = OWN_HEADER.exec(text)![0].length;
  return TURN_TOKEN.exec(text)?.index ?? text.length;
}
