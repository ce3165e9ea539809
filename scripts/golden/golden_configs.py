"""Tiny models whose config.json or weight names differ from the usual, with what Transformers makes of the folder as it is stored."""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import (
    AutoModelForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    LlamaConfig,
    MistralConfig,
    Olmo2Config,
    Olmo3Config,
    OPTConfig,
    Phi3Config,
    Qwen2Config,
    Qwen3Config,
    SeedOssConfig,
)

from golden_models import randomise

SHARED = {
    "vocab_size": 64,
    "hidden_size": 16,
    "intermediate_size": 20,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
SLIDING, FULL = "sliding_attention", "full_attention"
WINDOW = {"use_sliding_window": True, "sliding_window": 5}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16, "rope_theta": 10000.0}

YARN_BESIDE = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16}
PHI3 = {"pad_token_id": 0}
GEMMA3 = {"head_dim": 6, "sliding_window": 5, "layer_types": [SLIDING, FULL, SLIDING], "pad_token_id": 0}

# Config class, its settings, and the change of the stored config.json (None removes a key).
CASES = {
    "qwen3-layer-types": (Qwen3Config, WINDOW | {"head_dim": 6, "layer_types": [SLIDING, FULL, FULL]}, {}),
    "qwen2-windows-from-0": (Qwen2Config, WINDOW | {"max_window_layers": 0}, {"layer_types": None}),
    "qwen2-windows-from-1": (Qwen2Config, WINDOW | {"max_window_layers": 1}, {"layer_types": None}),
    "mistral-layer-types": (MistralConfig, {"sliding_window": 4}, {"layer_types": [FULL, SLIDING, FULL]}),
    "llama-rope-scaling-beside": (LlamaConfig, {}, {"rope_scaling": {"type": "linear", "factor": 4.0}}),
    "llama-yarn": (LlamaConfig, {"rope_parameters": YARN}, {}),
    "qwen3-no-head-dim": (Qwen3Config, {"num_hidden_layers": 1, "num_attention_heads": 1, "num_key_value_heads": 1}, {"head_dim": None}),
    "llama-biases-gelu": (LlamaConfig, {"attention_bias": True, "mlp_bias": True, "hidden_act": "gelu"}, {}),
    "llama-head-only": (LlamaConfig, {"tie_word_embeddings": True}, {}),
    "llama-base-names": (LlamaConfig, {"tie_word_embeddings": True}, {}),
    "gpt2-scales": (
        GPT2Config,
        {
            "scale_attn_weights": False,
            "scale_attn_by_inverse_layer_idx": True,
            "reorder_and_upcast_attn": True,
            "activation_function": "relu",
            "n_inner": 20,
        },
        {},
    ),
    "olmo2": (Olmo2Config, {}, {}),
    "olmo2-linear-tied": (Olmo2Config, {"tie_word_embeddings": True, "attention_bias": True}, {"rope_scaling": {"type": "linear", "factor": 4.0}}),
    "olmo3": (Olmo3Config, {"sliding_window": 5, "num_hidden_layers": 4}, {"layer_types": None}),
    "olmo3-yarn": (Olmo3Config, {"sliding_window": 4}, {"layer_types": [FULL, SLIDING, FULL], "rope_parameters": None, "rope_theta": 500000.0, "rope_scaling": YARN_BESIDE}),
    "phi3": (Phi3Config, PHI3, {}),
    "phi3-window": (Phi3Config, PHI3 | {"sliding_window": 5, "tie_word_embeddings": True}, {}),
    "gemma3": (Gemma3TextConfig, GEMMA3, {}),
    "gemma3-published": (
        Gemma3TextConfig,
        GEMMA3 | {"tie_word_embeddings": False, "query_pre_attn_scalar": 24},
        {
            "layer_types": None,
            "sliding_window_pattern": 2,
            "rope_parameters": None,
            "rope_theta": 500000.0,
            "rope_local_base_freq": 100.0,
            "rope_scaling": {"rope_type": "linear", "factor": 4.0},
        },
    ),
}
SHORT, LONG = [1.0, 1.2, 1.5, 2.0], [1.0, 2.0, 4.0, 8.0]
LONGROPE = {"type": "longrope", "short_factor": SHORT, "long_factor": LONG}
CASES["phi3-longrope"] = (
    Phi3Config,
    PHI3 | {"hidden_size": 40, "max_position_embeddings": 64},
    {
        "rope_parameters": None,
        "rope_theta": 5000.0,
        "partial_rotary_factor": 0.8,
        "original_max_position_embeddings": 32,
        "rope_scaling": LONGROPE,
    },
)
OF_LLAMA_ALONE = ("intermediate_size", "num_key_value_heads")
TIME, PROMPT, NEW_TOKENS = 24, 12, 16


def make_configs(folder: Path, seed: int, only: list[str] | None = None) -> None:
    """All cases, or those of the given names."""
    for offset, (name, (kind, own, change)) in enumerate(CASES.items()):
        if only and name not in only:
            continue
        torch.manual_seed(seed + offset)
        shared = {key: value for key, value in SHARED.items() if kind is not GPT2Config or key not in OF_LLAMA_ALONE}
        model = randomise(AutoModelForCausalLM.from_config(kind(**shared | own)), seed + offset)
        target = folder / name
        model.to(torch.bfloat16).save_pretrained(target)
        change_config(target, change)
        if name == "llama-head-only":
            rename(target, {"model.embed_tokens.weight": "lm_head.weight"})
        if name == "llama-base-names":
            rename(target, {key: key.removeprefix("model.") for key in load_file(target / "model.safetensors")})
        (target / "expected.json").write_text(json.dumps(expected(target, seed + offset)) + "\n")


def make_examples(folder: Path, seed: int, tokenizer) -> None:
    """The models of the guide's examples of families: Seed-OSS with all biases, and a tokenizer to run with; OPT."""
    own = {"head_dim": 6, "attention_out_bias": True, "mlp_bias": True, "max_position_embeddings": 1024}
    tokens = {"pad_token_id": tokenizer.pad_token_id, "bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
    make_example(folder / "tiny", SeedOssConfig(**SHARED | own | tokens), seed)
    tokenizer.save_pretrained(folder / "tiny")
    opt = {"ffn_dim": 20, "word_embed_proj_dim": SHARED["hidden_size"], "activation_function": "gelu", "tie_word_embeddings": False}
    shared = {key: value for key, value in SHARED.items() if key not in OF_LLAMA_ALONE}
    make_example(folder / "opt" / "tiny", OPTConfig(**shared | opt | {"pad_token_id": 0}), seed + 1)


def make_example(folder: Path, config, seed: int) -> None:
    torch.manual_seed(seed)
    model = randomise(AutoModelForCausalLM.from_config(config), seed)
    model.to(torch.bfloat16).save_pretrained(folder)
    (folder / "expected.json").write_text(json.dumps(expected(folder, seed)) + "\n")


def change_config(folder: Path, change: dict) -> None:
    file = folder / "config.json"
    config = json.loads(file.read_text()) | change
    kept = {key: value for key, value in config.items() if value is not None}
    file.write_text(json.dumps(kept, indent=2) + "\n")


def rename(folder: Path, names: dict[str, str]) -> None:
    file = folder / "model.safetensors"
    weights = {names.get(name, name): tensor for name, tensor in load_file(file).items()}
    save_file(weights, file, metadata={"format": "pt"})


def expected(folder: Path, seed: int) -> dict:
    """Log-probs in fp64 of the stored weights; greedy tokens in fp32, through Transformers' own cache."""
    double, report = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float64, output_loading_info=True)
    assert not report["missing_keys"] and not report["unexpected_keys"], report
    return values(double.eval(), AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval(), seed)


def values(double, model, seed: int) -> dict:
    generator = torch.Generator().manual_seed(seed + 1000)
    ids = torch.randint(3, 64, (TIME,), generator=generator)
    with torch.no_grad():
        log_probs = double(ids[None]).logits[0].log_softmax(-1)[:-1].gather(1, ids[1:, None])[:, 0]
        settings = {"do_sample": False, "max_new_tokens": NEW_TOKENS, "eos_token_id": None, "pad_token_id": 0}
        greedy = model.generate(ids[None, :PROMPT], **settings, return_dict_in_generate=True, output_scores=True)
    top = torch.stack([scores[0].topk(2).values for scores in greedy.scores])
    return {
        "ids": ids.tolist(),
        "logprobs": [float(f"{value:.7g}") for value in log_probs.tolist()],
        "prompt_length": PROMPT,
        "greedy": greedy.sequences[0, PROMPT:].tolist(),
        "smallest_margin": (top[:, 0] - top[:, 1]).min().item(),
    }
