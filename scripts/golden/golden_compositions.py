"""Small tokenizers that between them use every part of tokenizer.json, and what Transformers makes of texts with them."""

import json
import tempfile
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

CORPUS = [
    "Tom has 12 apples and buys 7 more. How many apples does he have now?",
    "She reads 15 pages a day for 6 days, so she reads 15 * 6 = 90 pages.",
    "caf\u00e9 na\u00efve \u4f60\u597d it's we'll 'tis",
    "un-done, re-do: low lower lowest new newer newest",
] * 3
TEXTS = [
    "",
    " ",
    "a != b , it is 'so' .",
    "  two  blanks\tand\r\nlines\n\n ",
    "Caf\u00e9 CAFE\u0301 \ufb01 \u00bd \uff21\u4f60\u597d, 123-45",
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467 \u0000\u0085\ufeff\u200b\u2028",
    "x<sep>y <sep> z<sep>",
    "low<word>er <word> <word>s <WORD>",
    "[CLS]newest[SEP] lowest",
    "##er </w> \u2581new \u0120low <0x41>",
    "\u0e01\u0e33 \u0915\u093f \uac00\u1100\u1161 \u0130\u00df",
]
SPECIALS = ["<unk>", "<s>", "</s>"]
ADDED = [
    AddedToken("<sep>", lstrip=True, rstrip=True, special=False, normalized=False),
    AddedToken("<word>", single_word=True, special=False, normalized=False),
    AddedToken("<WORD>", special=True, normalized=True),
    AddedToken("[CLS]", special=True, normalized=False),
    AddedToken("[SEP]", special=True, normalized=False),
]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
SPLIT = Regex(r"\d|[aeiou]+")


def bpe(byte_level=False, **options) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(unk_token=None if byte_level else "<unk>", **options))
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet()) if byte_level else []
    kept = {key: value for key, value in options.items() if key in ("continuing_subword_prefix", "end_of_word_suffix")}
    trainer = trainers.BpeTrainer(
        vocab_size=400 if byte_level else 110,
        special_tokens=SPECIALS + (BYTES if options.get("byte_fallback") else []),
        initial_alphabet=alphabet,
        **kept,
    )
    if byte_level:
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    elif kept:
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def unigram(byte_fallback: bool) -> Tokenizer:
    pieces = [("<unk>", 0.0), ("<s>", 0.0), ("</s>", 0.0)] + ([(byte, -20.0) for byte in BYTES] if byte_fallback else [])
    words = ["\u2581low", "er", "est", "\u2581new", "\u2581", "app", "les", "Tom", "ca"]
    letters = sorted(set("abcdefghijklmnopqrstuvwxyz,.'0123456789"))
    pieces += [(word, -3.0 - index / 7) for index, word in enumerate(words)]
    pieces += [(letter, -6.0 - index / 11) for index, letter in enumerate(letters)]
    return Tokenizer(models.Unigram(pieces, unk_id=0, byte_fallback=byte_fallback))


def word_level() -> Tokenizer:
    words = SPECIALS + ["Tom", "low", "lower", "new", "newest", "12", ".", ",", "it", "is", "so", "a", "b", "'", "!", "="]
    return Tokenizer(models.WordLevel({word: index for index, word in enumerate(words)}, unk_token="<unk>"))


def word_piece() -> Tokenizer:
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    words = SPECIALS + ["low", "new", "##er", "##est", "it", "is", "so", ".", ",", "!", "=", "'"]
    words += [*letters, *(f"##{letter}" for letter in letters)]
    return Tokenizer(models.WordPiece({word: index for index, word in enumerate(words)}, unk_token="<unk>"))


def compose(tokenizer: Tokenizer, normalizer=None, pre_tokenizer=None, post_processor=None, decoder=None) -> Tokenizer:
    tokenizer.add_tokens(ADDED)
    for name, part in (("normalizer", normalizer), ("pre_tokenizer", pre_tokenizer)):
        setattr(tokenizer, name, part)
    if post_processor is not None:
        tokenizer.post_processor = post_processor
    if decoder is not None:
        tokenizer.decoder = decoder
    return tokenizer


def normalized() -> dict[str, Tokenizer]:
    spaces = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    parts = {
        **{form: getattr(normalizers, form)() for form in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt")},
        "Strip": normalizers.Strip(left=True, right=False),
        "Replace": normalizers.Replace(Regex(r"\s+"), "_"),
        "Spaces": spaces,
        "Bert": normalizers.BertNormalizer(),
        "BertCased": normalizers.BertNormalizer(lowercase=False, strip_accents=True, handle_chinese_chars=False),
        "ByteLevel": normalizers.ByteLevel(),
        "Accents": normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()]),
    }
    return {f"normalizer {name}": compose(bpe(fuse_unk=True), normalizer=part) for name, part in parts.items()}


def pre_tokenized() -> dict[str, Tokenizer]:
    behaviours = ("isolated", "removed", "merged_with_previous", "merged_with_next", "contiguous")
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    after = lambda part: pre_tokenizers.Sequence([part, byte_level])
    parts = {
        **{f"Split {how}": after(pre_tokenizers.Split(SPLIT, how)) for how in behaviours},
        **{f"Split inverted {how}": after(pre_tokenizers.Split(SPLIT, how, invert=True)) for how in behaviours},
        "Split text": after(pre_tokenizers.Split("a", "isolated")),
        **{f"Punctuation {how}": after(pre_tokenizers.Punctuation(how)) for how in behaviours},
        "Digits": after(pre_tokenizers.Digits(individual_digits=False)),
        "Digits individual": after(pre_tokenizers.Digits(individual_digits=True)),
        **{name: after(getattr(pre_tokenizers, name)()) for name in ("Whitespace", "WhitespaceSplit", "UnicodeScripts")},
        "BertPreTokenizer": after(pre_tokenizers.BertPreTokenizer()),
        "CharDelimiterSplit": after(pre_tokenizers.CharDelimiterSplit("o")),
        "ByteLevel": pre_tokenizers.ByteLevel(add_prefix_space=True, trim_offsets=False),
    }
    decoder = decoders.ByteLevel()
    return {f"pre-tokenizer {name}": compose(bpe(True), None, part, None, decoder) for name, part in parts.items()}


def metaspaces() -> dict[str, Tokenizer]:
    result = {}
    for scheme in ("first", "always", "never"):
        for split in (True, False):
            part = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=split)
            decoder = decoders.Metaspace(prepend_scheme=scheme, split=split)
            for fallback in (True, False):
                name = f"Unigram Metaspace {scheme} split={split} byte_fallback={fallback}"
                result[name] = compose(unigram(fallback), None, part, None, decoder)
    return result


def models_and_ends() -> dict[str, Tokenizer]:
    bert = processors.BertProcessing(("</s>", 2), ("<s>", 1))
    roberta = processors.RobertaProcessing(("</s>", 2), ("<s>", 1), trim_offsets=True, add_prefix_space=False)
    template = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
    both = processors.Sequence([processors.ByteLevel(trim_offsets=True), template])
    whitespace = pre_tokenizers.Whitespace()
    fallback = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    spaces = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    return {
        "BPE prefix": compose(bpe(continuing_subword_prefix="##"), None, whitespace, bert, decoders.WordPiece()),
        "BPE suffix": compose(bpe(end_of_word_suffix="</w>"), None, whitespace, roberta, decoders.BPEDecoder()),
        "BPE fuse_unk": compose(bpe(fuse_unk=True), None, whitespace, template),
        "BPE unfused": compose(bpe(fuse_unk=False), None, None, template),
        "BPE byte_fallback": compose(bpe(byte_fallback=True), spaces, None, template, fallback),
        "BPE ignore_merges": compose(bpe(True, ignore_merges=True), None, pre_tokenizers.ByteLevel(), both, decoders.ByteLevel()),
        "WordLevel": compose(word_level(), None, whitespace, template),
        "WordPiece": compose(word_piece(), normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer(), bert, decoders.WordPiece()),
        "WordPiece unclean": compose(word_piece(), normalizers.Lowercase(), whitespace, bert, decoders.WordPiece(cleanup=False)),
        "CTC": compose(word_level(), None, whitespace, None, decoders.CTC(pad_token="<unk>", word_delimiter_token="=")),
        "no model": compose(Tokenizer(models.BPE({"a": 0, "<unk>": 1}, [], unk_token="<unk>"))),
    }


CONFIGS = {
    "WordPiece cleaned up": ("WordPiece unclean", {"clean_up_tokenization_spaces": True}),
    "BPE is not cleaned up": ("pre-tokenizer ByteLevel", {"clean_up_tokenization_spaces": True}),
    "BPE is cleaned up all the same": (
        "pre-tokenizer ByteLevel",
        {
            "clean_up_tokenization_spaces": True,
            "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output": True,
        },
    ),
    "tokenizer.json says whether there is a BOS": ("pre-tokenizer Digits", {"add_bos_token": True, "bos_token": "<s>"}),
    "tokenizer.json says whether there is an EOS": ("BPE fuse_unk", {"add_eos_token": True, "eos_token": "</s>"}),
    "tokenizer.json says that there is a BOS": ("BPE fuse_unk", {"add_bos_token": False, "bos_token": "<s>"}),
    "a token of the vocabulary is named": ("WordLevel", {"eos_token": "newest", "unk_token": "<unk>"}),
    "further special tokens": ("WordLevel", {"additional_special_tokens": ["lower", "[NEW]"]}),
    "flags by the config": (
        "WordLevel",
        {
            "added_tokens_decoder": {
                "16": {
                    "content": "<sep>",
                    "lstrip": False,
                    "rstrip": False,
                    "normalized": False,
                    "single_word": False,
                    "special": True,
                }
            }
        },
    ),
    "padding and truncation are the caller's": ("WordLevel", {}),
}


def values(tokenizer: Tokenizer, config: dict) -> dict:
    """What Transformers makes of the texts with the tokenizer's files in a folder."""
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.save(f"{folder}/tokenizer.json")
        settings = {"tokenizer_class": "PreTrainedTokenizerFast", **config}
        Path(folder, "tokenizer_config.json").write_text(json.dumps(settings))
        reader = PreTrainedTokenizerFast.from_pretrained(folder)
        rows = []
        for text in TEXTS:
            ids = reader.encode(text, add_special_tokens=False, padding=False, truncation=False)
            whole = reader.encode(text, padding=False, truncation=False)
            rows.append([whole, ids, reader.decode(whole), reader.decode(whole, skip_special_tokens=True)])
        return {"tokenizer": json.loads(tokenizer.to_str()), "config": settings, "length": len(reader), "rows": rows}


def make_compositions(folder: Path) -> None:
    """Writes compositions.json: the texts, and for each tokenizer its files' contents and a row for each text."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizers = {**normalized(), **pre_tokenized(), **metaspaces(), **models_and_ends()}
    result = {name: values(tokenizer, {}) for name, tokenizer in tokenizers.items()}
    for name, (base, config) in CONFIGS.items():
        tokenizer = tokenizers[base]
        if name.startswith("padding"):
            tokenizer.enable_truncation(3)
            tokenizer.enable_padding(length=20, pad_id=2, pad_token="</s>")
        result[name] = values(tokenizer, config)
    text = json.dumps({"texts": TEXTS, "tokenizers": result}, separators=(",", ":"))
    (folder / "compositions.json").write_text(text + "\n")
