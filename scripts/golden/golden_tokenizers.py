"""Two tokenizers, trained or built here, and their encodings according to Hugging Face's own libraries."""

import json
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

CHARACTERS = "\n 0123456789+-*/=().,?#<>:'" + "abcdefghijklmnopqrstuvwxyz"
CORPUS = [
    "Tom has 12 apples and buys 7 more. How many apples does he have now?",
    "She reads 15 pages a day for 6 days, so she reads 15 * 6 = 90 pages.",
    "The answer is 42. #### 42",
    "Anna gives her brother half of the 20 marbles that she has.",
] * 4
CHAT = (
    "{%- for message in messages %}{{- '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}"
)
TEXTS = [
    "",
    " ",
    "2 + 35 = 37",
    "Tom has 12 apples.",
    "  two  blanks\tand\n\nlines ",
    "caf\u00e9 na\u00efve \u4f60\u597d \U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "it's we'll 1,234.5",
    "<|im_start|>user\nhi<|im_end|>",
    "a<|im_end|><|im_end|> b",
]
CHATS = [
    [{"role": "user", "content": "What is 2+2?"}],
    [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "  Tom has 3. "},
        {"role": "assistant", "content": "3"},
        {"role": "user", "content": "And {{ 1 + 1 }}?"},
    ],
]


def character_tokenizer() -> PreTrainedTokenizerFast:
    """One token a character, plus a beginning and an end: BPE without merges, a BOS put first by the post-processor."""
    specials = ["<pad>", "<s>", "</s>"]
    vocab = {token: index for index, token in enumerate(specials + list(CHARACTERS))}
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=[]))
    tokenizer.decoder = decoders.Fuse()
    tokenizer.add_special_tokens(specials)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", vocab["<s>"])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        clean_up_tokenization_spaces=False,
        chat_template="{{ bos_token }}{% for message in messages %}{{ message['content'] }}\n{% endfor %}",
    )


def byte_level_tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level BPE with single digits, as SmolLM2 has it; no BOS is added to plain text."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=specials, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<|im_end|>",
        unk_token="<|endoftext|>",
        clean_up_tokenization_spaces=False,
        chat_template=CHAT,
    )


def tokenizer_values(folder: Path) -> None:
    """Writes tokenizer_golden.json: what AutoTokenizer makes of the folder that a user would load."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    encode = []
    for text in TEXTS:
        ids = tokenizer.encode(text, add_special_tokens=False)
        encode.append(
            {
                "text": text,
                "ids": tokenizer.encode(text),
                "ids_no_special": ids,
                "decoded_keep_special": tokenizer.decode(ids, skip_special_tokens=False),
                "decoded_skip_special": tokenizer.decode(ids, skip_special_tokens=True),
            }
        )
    chat = []
    for messages in CHATS:
        for prompt in (False, True):
            text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=prompt)
            ids = tokenizer.encode(text, add_special_tokens=False)
            chat.append({"messages": messages, "add_generation_prompt": prompt, "text": text, "ids": ids})
    special = {"bos": tokenizer.bos_token_id, "eos": tokenizer.eos_token_id, "pad": tokenizer.pad_token_id}
    values = {"encode": encode, "chat": chat, "special": special, "len": len(tokenizer)}
    (folder / "tokenizer_golden.json").write_text(json.dumps(values) + "\n")
