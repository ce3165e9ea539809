"""A GGUF file with every tensor type that Hone reads, and the digests of its weights as gguf-py de-quantises them."""

import hashlib
import json
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, TokenType
from gguf.quants import dequantize, quantize

HIDDEN, HEADS, KV_HEADS, LAYERS, INTERMEDIATE = 32, 4, 2, 1, 32
HEAD_DIM = HIDDEN // HEADS
TYPES = GGMLQuantizationType
STORAGE = {
    "token_embd": TYPES.Q8_0,
    "output": TYPES.Q4_0,
    "attn_q": TYPES.Q4_1,
    "attn_k": TYPES.Q4_0,
    "attn_v": TYPES.F16,
    "attn_output": TYPES.F32,
    "ffn_gate": TYPES.Q8_0,
    "ffn_up": TYPES.Q4_1,
    "ffn_down": TYPES.Q4_0,
}


def make_gguf(folder: Path, seed: int, tokenizer) -> None:
    folder.mkdir(parents=True)
    random = np.random.default_rng(seed)
    vocab = len(tokenizer)
    file = folder / "tiny.gguf"
    writer = GGUFWriter(file, "llama")
    write_metadata(writer, vocab)
    write_tokenizer(writer, tokenizer, "smollm", add_bos=False)
    digests = {}
    for name, shape in shapes(vocab).items():
        values = random.standard_normal(shape).astype(np.float32) * 0.2
        part = name.split(".")[-2]
        storage = STORAGE.get(part, TYPES.F32)
        stored = quantize(values, storage)
        writer.add_tensor(name, stored, raw_dtype=storage)
        restored = dequantize(stored, storage)
        if part in ("attn_q", "attn_k"):
            restored = from_interleaved(restored, HEADS if part == "attn_q" else KV_HEADS)
        digests[hugging_face_name(name)] = hashlib.sha256(np.ascontiguousarray(restored, "<f4").tobytes()).hexdigest()
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    (folder / "sha256_golden.json").write_text(json.dumps(digests, indent=1) + "\n")


def shapes(vocab: int) -> dict[str, tuple[int, ...]]:
    result = {"token_embd.weight": (vocab, HIDDEN), "output_norm.weight": (HIDDEN,), "output.weight": (vocab, HIDDEN)}
    for layer in range(LAYERS):
        result |= {
            f"blk.{layer}.{name}.weight": shape
            for name, shape in {
                "attn_norm": (HIDDEN,),
                "attn_q": (HEADS * HEAD_DIM, HIDDEN),
                "attn_k": (KV_HEADS * HEAD_DIM, HIDDEN),
                "attn_v": (KV_HEADS * HEAD_DIM, HIDDEN),
                "attn_output": (HIDDEN, HEADS * HEAD_DIM),
                "ffn_norm": (HIDDEN,),
                "ffn_gate": (INTERMEDIATE, HIDDEN),
                "ffn_up": (INTERMEDIATE, HIDDEN),
                "ffn_down": (HIDDEN, INTERMEDIATE),
            }.items()
        }
    return result


def from_interleaved(rows: np.ndarray, heads: int) -> np.ndarray:
    """llama.cpp turns neighbours (0,1), (2,3) ...; Hugging Face turns the halves. Undoes llama.cpp's permutation."""
    half = rows.shape[0] // heads // 2
    return rows.reshape(heads, half, 2, rows.shape[1]).swapaxes(1, 2).reshape(rows.shape)


def hugging_face_name(name: str) -> str:
    names = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}
    names["output.weight"] = "lm_head.weight"
    if name in names:
        return names[name]
    _, layer, part, _ = name.split(".")
    parts = {"attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm", "attn_output": "self_attn.o_proj"}
    parts |= {f"attn_{x}": f"self_attn.{x}_proj" for x in "qkv"}
    parts |= {f"ffn_{x}": f"mlp.{x}_proj" for x in ("gate", "up", "down")}
    return f"model.layers.{layer}.{parts[part]}.weight"


def write_metadata(writer: GGUFWriter, vocab: int) -> None:
    writer.add_name("tiny")
    writer.add_block_count(LAYERS)
    writer.add_context_length(128)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(INTERMEDIATE)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(HEAD_DIM)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(vocab)


def write_tokenizer(writer: GGUFWriter, tokenizer, pre: str, add_bos: bool | None) -> None:
    model = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    special = set(tokenizer.all_special_ids)
    tokens = [tokenizer.convert_ids_to_tokens(index) for index in range(len(tokenizer))]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.CONTROL if i in special else TokenType.NORMAL for i in range(len(tokens))])
    writer.add_token_merges([" ".join(merge) for merge in model["merges"]])
    writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_pad_token_id(tokenizer.pad_token_id)
    writer.add_unk_token_id(tokenizer.unk_token_id)
    if add_bos is not None:
        writer.add_add_bos_token(add_bos)
    writer.add_chat_template(tokenizer.chat_template)
