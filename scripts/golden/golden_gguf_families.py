"""GGUF files of each family, in llama.cpp's names and order of rows, and the log-probs of the models that they were made from."""

import json
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from gguf import MODEL_ARCH, GGUFWriter, get_tensor_name_map
from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig, Qwen2Config, Qwen3Config

from golden_configs import values
from golden_gguf import write_tokenizer
from golden_models import randomise

SIZES = {
    "hidden_size": 16,
    "intermediate_size": 20,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 500000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}
FAMILIES = {
    "llama3": (MODEL_ARCH.LLAMA, LlamaConfig, {"rope_parameters": LLAMA3, "head_dim": 8, "tie_word_embeddings": True}),
    "qwen2": (MODEL_ARCH.QWEN2, Qwen2Config, {"tie_word_embeddings": True}),
    "qwen3": (MODEL_ARCH.QWEN3, Qwen3Config, {"head_dim": 6}),
    "gpt2": (MODEL_ARCH.GPT2, GPT2Config, {"n_inner": 20}),
}
PRE = {"llama3": "llama-bpe", "qwen2": "qwen2", "qwen3": "qwen2", "gpt2": "gpt-2"}


def make_families(folder: Path, seed: int, tokenizer) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for offset, (name, (arch, kind, own)) in enumerate(FAMILIES.items()):
        torch.manual_seed(seed + offset)
        config = kind(**SIZES | {"vocab_size": len(tokenizer)} | own)
        model = randomise(AutoModelForCausalLM.from_config(config), seed + offset)
        # What is stored in 16 bits is what is compared with. Not model.half(): it would round the rotary frequencies too.
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.ndim > 1:
                    parameter.copy_(parameter.half())
        model.eval()
        write(folder / f"{name}.gguf", model, arch, name, tokenizer)
        expected = values(deepcopy(model).double(), model, seed + offset)
        (folder / f"{name}.json").write_text(json.dumps(expected) + "\n")


def write(file: Path, model, arch: MODEL_ARCH, name: str, tokenizer) -> None:
    config = model.config
    writer = GGUFWriter(file, {"llama3": "llama"}.get(name, name))
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.n_inner if name == "gpt2" else config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    if name == "gpt2":
        writer.add_layer_norm_eps(config.layer_norm_epsilon)
    else:
        head_dim = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        writer.add_head_count_kv(config.num_key_value_heads)
        writer.add_key_length(head_dim)
        writer.add_value_length(head_dim)
        writer.add_rope_dimension_count(head_dim)
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
        writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    if name == "llama3":
        writer.add_tensor("rope_freqs.weight", factors(config.rope_parameters, config.head_dim))
    write_tokenizer(writer, tokenizer, PRE[name], add_bos=None if name == "llama3" else False)
    write_tensors(writer, model, arch, name)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_tensors(writer: GGUFWriter, model, arch: MODEL_ARCH, name: str) -> None:
    names = get_tensor_name_map(arch, model.config.num_hidden_layers)
    tied = model.config.tie_word_embeddings
    for key, tensor in model.state_dict().items():
        if tied and key == "lm_head.weight":
            continue
        data = tensor.numpy()
        if name == "llama3" and key.endswith(("q_proj.weight", "k_proj.weight")):
            heads = model.config.num_attention_heads if "q_proj" in key else model.config.num_key_value_heads
            data = to_interleaved(data, heads)
        if name == "gpt2" and key.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
            data = data.T
        data = np.ascontiguousarray(data, dtype=np.float32 if data.ndim == 1 else np.float16)
        writer.add_tensor(names.get_name(key, try_suffixes=(".weight", ".bias")), data)


def to_interleaved(rows: np.ndarray, heads: int) -> np.ndarray:
    """Hugging Face turns the halves of a head, llama.cpp neighbours."""
    return rows.reshape(heads, 2, rows.shape[0] // heads // 2, rows.shape[1]).swapaxes(1, 2).reshape(rows.shape)


def factors(rope: dict, head_dim: int) -> np.ndarray:
    """What llama.cpp divides each frequency by, as its converter computes it."""
    result = []
    for exponent in np.arange(0, head_dim, 2) / head_dim:
        turns = rope["original_max_position_embeddings"] * rope["rope_theta"] ** -exponent / (2 * np.pi)
        low, high = rope["low_freq_factor"], rope["high_freq_factor"]
        smooth = np.clip((turns - low) / (high - low), 0, 1)
        result.append(1 / ((1 - smooth) / rope["factor"] + smooth))
    return np.array(result, dtype=np.float32)
