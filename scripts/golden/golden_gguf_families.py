"""GGUF files of each family, in llama.cpp's names and order of rows, and the log-probs of the models that they were made from."""

import json
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from gguf import MODEL_ARCH, GGUFWriter, RopeScalingType, get_tensor_name_map
from transformers import (
    AutoModelForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    LlamaConfig,
    Olmo2Config,
    Olmo3Config,
    Phi3Config,
    Qwen2Config,
    Qwen3Config,
)

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
SLIDING, FULL = "sliding_attention", "full_attention"
PHI3_LONG = {
    "hidden_size": 40,
    "pad_token_id": 0,
    "original_max_position_embeddings": 32,
    "rope_parameters": {
        "rope_type": "longrope",
        "rope_theta": 5000.0,
        "partial_rotary_factor": 0.8,
        "short_factor": [1.0, 1.25, 1.5, 2.0],
        "long_factor": [1.0, 2.0, 4.0, 8.0],
    },
}
GEMMA3 = {
    "query_pre_attn_scalar": 6,
    "pad_token_id": 0,
    "rope_parameters": {
        FULL: {"rope_type": "linear", "rope_theta": 1000000.0, "factor": 4.0},
        SLIDING: {"rope_type": "default", "rope_theta": 10000.0},
    },
}
FAMILIES = {
    "llama3": (MODEL_ARCH.LLAMA, LlamaConfig, {"rope_parameters": LLAMA3, "head_dim": 8, "tie_word_embeddings": True}),
    "qwen2": (MODEL_ARCH.QWEN2, Qwen2Config, {"tie_word_embeddings": True}),
    "qwen3": (MODEL_ARCH.QWEN3, Qwen3Config, {"head_dim": 6}),
    "gpt2": (MODEL_ARCH.GPT2, GPT2Config, {"n_inner": 20}),
    "olmo2": (MODEL_ARCH.OLMO2, Olmo2Config, {"rms_norm_eps": 1e-5}),
    "olmo3": (MODEL_ARCH.OLMO2, Olmo3Config, {"sliding_window": 5, "layer_types": [FULL, SLIDING]}),
    "phi3": (MODEL_ARCH.PHI3, Phi3Config, {"sliding_window": 5, "pad_token_id": 0}),
    "phi3-longrope": (MODEL_ARCH.PHI3, Phi3Config, PHI3_LONG),
    "gemma3": (MODEL_ARCH.GEMMA3, Gemma3TextConfig, {"head_dim": 6, "sliding_window": 5, "num_hidden_layers": 6} | GEMMA3),
}
PRE = {"llama3": "llama-bpe", "qwen2": "qwen2", "qwen3": "qwen2"}
# llama.cpp's names of architectures, where they differ from the case's.
ARCHITECTURES = {"llama3": "llama", "olmo3": "olmo2", "phi3-longrope": "phi3"}


def make_families(folder: Path, seed: int, tokenizer, only: list[str] | None = None) -> None:
    """All cases, or those of the given names."""
    folder.mkdir(parents=True, exist_ok=True)
    for offset, (name, (arch, kind, own)) in enumerate(FAMILIES.items()):
        if only and name not in only:
            continue
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
    writer = GGUFWriter(file, ARCHITECTURES.get(name, name))
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.n_inner if name == "gpt2" else config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    if name == "gpt2":
        writer.add_layer_norm_eps(config.layer_norm_epsilon)
    else:
        writer.add_head_count_kv(config.num_key_value_heads)
        write_heads(writer, config, name)
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
        write_rotation(writer, config, name)
    if name == "llama3":
        writer.add_tensor("rope_freqs.weight", factors(config.rope_parameters, config.head_dim))
    write_tokenizer(writer, tokenizer, PRE.get(name, "gpt-2"), add_bos=None if name == "llama3" else False)
    write_tensors(writer, model, arch, name)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_heads(writer: GGUFWriter, config, name: str) -> None:
    """Sizes of heads, by the keys that llama.cpp's converter writes for the family."""
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    if name.startswith("phi3"):
        writer.add_rope_dimension_count(int(config.rope_parameters["partial_rotary_factor"] * head_dim))
        return
    writer.add_key_length(head_dim)
    writer.add_value_length(head_dim)
    if not name.startswith(("gemma", "olmo")):
        writer.add_rope_dimension_count(head_dim)


def write_rotation(writer: GGUFWriter, config, name: str) -> None:
    """Rotary embedding, and windows."""
    rope = config.rope_parameters.get(FULL, config.rope_parameters)
    writer.add_rope_freq_base(rope["rope_theta"])
    if name.startswith("phi3"):
        writer.add_rope_scaling_orig_ctx_len(config.original_max_position_embeddings)
        writer.add_sliding_window(config.sliding_window or 0)
    if name == "phi3-longrope":
        original = config.original_max_position_embeddings
        scale = config.max_position_embeddings / original
        writer.add_rope_scaling_attn_factors(float(np.sqrt(1 + np.log(scale) / np.log(original))))
        writer.add_tensor("rope_factors_long.weight", np.array(rope["long_factor"], dtype=np.float32))
        writer.add_tensor("rope_factors_short.weight", np.array(rope["short_factor"], dtype=np.float32))
    if name == "gemma3":
        writer.add_rope_freq_base_swa(config.rope_parameters[SLIDING]["rope_theta"])
        writer.add_rope_scaling_type(RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(rope["factor"])
    if name in ("gemma3", "olmo3"):
        writer.add_sliding_window(config.sliding_window)
    if name == "olmo3":
        writer.add_sliding_window_pattern([kind == SLIDING for kind in config.layer_types])


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
        if name == "gemma3" and key.endswith("norm.weight"):
            data = data + 1
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
