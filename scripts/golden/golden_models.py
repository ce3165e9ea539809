"""Tiny random models in Hugging Face layout, with logits, log-probs, greedy tokens and warped probabilities."""

import hashlib
import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import (
    AutoModelForCausalLM,
    GPT2Config,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    PreTrainedModel,
    Qwen2Config,
    Qwen3Config,
)
from transformers.generation.logits_process import (
    LogitsProcessorList,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from forward64 import forward64

ROPE = {
    "untied": {"rope_type": "default", "rope_theta": 10000.0},
    "tied-llama3-rope": {
        "rope_type": "llama3",
        "rope_theta": 500000.0,
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 16,
    },
    "linear-rope": {"rope_type": "linear", "rope_theta": 10000.0, "factor": 2.0},
}
NEW_TOKENS = 16
WARPS = [
    {"temperature": 0.7},
    {"top_k": 5},
    {"top_p": 0.8},
    {"temperature": 1.3, "top_k": 8, "top_p": 0.9},
]


def make_model(folder: Path, seed: int, tokenizer, layout: str, dtype: torch.dtype) -> None:
    name = folder.name
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=64 if len(tokenizer) <= 64 else 304,
        hidden_size=16,
        intermediate_size=20,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=6 if name == "linear-rope" else 4,
        max_position_embeddings=64,
        rms_norm_eps=1e-5,
        rope_parameters=ROPE[name],
        tie_word_embeddings=name.startswith("tied"),
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = randomise(LlamaForCausalLM(config), seed)
    if name == "linear-rope":
        # A list, as Llama 3 has it: the file for generation knows one more token that ends a completion.
        model.generation_config.eos_token_id = [tokenizer.eos_token_id, 17]
    model.to(dtype).save_pretrained(folder, max_shard_size="8KB" if layout == "v4" else "1GB")
    tokenizer.save_pretrained(folder)
    if layout == "v4":
        rewrite_as_v4(folder)
    write_values(folder, seed)


FAMILIES = {
    # Prompts are longer than the window.
    "mistral-window": (MistralConfig, {"sliding_window": 5, "num_key_value_heads": 1}),
    "qwen2-biases": (Qwen2Config, {"tie_word_embeddings": True}),
    "qwen3-head-norms": (Qwen3Config, {"head_dim": 6}),
    "gpt2": (GPT2Config, {"n_embd": 16, "n_layer": 2, "n_head": 4, "n_inner": 20, "n_positions": 64}),
}


def make_family(folder: Path, seed: int, tokenizer) -> None:
    """A model of another family than Llama, in Transformers 5's layout."""
    torch.manual_seed(seed)
    kind, own = FAMILIES[folder.name]
    shared = {
        "hidden_size": 16,
        "intermediate_size": 20,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 64,
    }
    tokens = {
        "vocab_size": 64,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    config = kind(**({} if kind is GPT2Config else shared) | tokens | own)
    model = randomise(AutoModelForCausalLM.from_config(config), seed)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    write_values(folder, seed)


def randomise(model: PreTrainedModel, seed: int) -> PreTrainedModel:
    """Norms away from one, biases from zero, and logits with spread, so that a mistake in any is seen."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            norm = "norm" in name or ".ln_" in name
            embedding = any(part in name for part in ("embed", "lm_head", "wte"))
            scale = 0.2 if norm else 0.6 if embedding else 0.25
            centre = 1.0 if norm and not name.endswith("bias") else 0.0
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * scale + centre)
    return model


def rewrite_as_v4(folder: Path) -> None:
    """The layout of published checkpoints: rope_theta beside rope_scaling, torch_dtype for dtype."""
    config = json.loads((folder / "config.json").read_text())
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope.pop("rope_theta")
    config["rope_scaling"] = rope
    config["torch_dtype"] = config.pop("dtype")
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def write_values(folder: Path, seed: int) -> None:
    """For Llama the exact values come from a forward pass of our own, for the others from Transformers' in fp64."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    double = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float64).eval()
    config = json.loads((folder / "config.json").read_text())
    weights = {name: tensor.double() for name, tensor in stored_weights(folder).items()}
    generator = torch.Generator().manual_seed(seed + 1000)
    prompts = [torch.randint(3, config["vocab_size"], (n,), generator=generator) for n in (4, 10)]
    tensors, greedy = {}, []
    for index, prompt in enumerate(prompts):
        with torch.no_grad():
            logits = model(prompt[None]).logits[0]
            exact = double(prompt[None]).logits[0]
        if config["model_type"] == "llama":
            exact = forward64(weights, config, prompt)
        error = (exact - logits.double()).abs().max().item()
        assert error < 1e-4, f"{folder.name}: Transformers differs from fp64 by {error}"
        targets = exact.log_softmax(-1)[:-1].gather(1, prompt[1:, None])[:, 0]
        tensors |= {f"ids_{index}": prompt.int(), f"logits_{index}": exact.float(), f"logprobs_{index}": targets.float()}
        greedy.append(greedy_values(model, prompt))
    save_file(tensors, folder / "logits_golden.safetensors")
    values = {"prompts": greedy, "warped": warped_values(model, prompts[0]), "weights_sha256": digest(weights)}
    (folder / "decode_golden.json").write_text(json.dumps(values) + "\n")


def stored_weights(folder: Path) -> dict[str, torch.Tensor]:
    weights = {}
    for file in sorted(folder.glob("model*.safetensors")):
        weights |= load_file(file)
    return weights


def digest(weights: dict[str, torch.Tensor]) -> str:
    """SHA-256 of all weights as little-endian fp32, in the order of their names."""
    sha256 = hashlib.sha256()
    for name in sorted(weights):
        sha256.update(weights[name].float().contiguous().numpy().astype("<f4").tobytes())
    return sha256.hexdigest()


def greedy_values(model: PreTrainedModel, prompt: torch.Tensor) -> dict:
    settings = {"do_sample": False, "max_new_tokens": NEW_TOKENS, "return_dict_in_generate": True, "output_scores": True}
    ignoring = model.generate(prompt[None], **settings, eos_token_id=None, pad_token_id=0)
    stopping = model.generate(prompt[None], **settings, pad_token_id=0)
    top = torch.stack([scores[0].topk(2).values for scores in ignoring.scores])
    logprobs = [s[0].log_softmax(-1)[t].item() for s, t in zip(ignoring.scores, ignoring.sequences[0, len(prompt) :])]
    return {
        "prompt": prompt.tolist(),
        "tokens_ignoring_eos": ignoring.sequences[0, len(prompt) :].tolist(),
        "logprobs_ignoring_eos": logprobs,
        "tokens": stopping.sequences[0, len(prompt) :].tolist(),
        "smallest_margin": (top[:, 0] - top[:, 1]).min().item(),
    }


def warped_values(model: PreTrainedModel, prompt: torch.Tensor) -> list[dict]:
    """Next-token probabilities under Transformers' processors, in its order: temperature, top-k, top-p."""
    with torch.no_grad():
        logits = model(prompt[None]).logits[:, -1]
    rows = []
    for warp in WARPS:
        processors = LogitsProcessorList()
        if "temperature" in warp:
            processors.append(TemperatureLogitsWarper(warp["temperature"]))
        if "top_k" in warp:
            processors.append(TopKLogitsWarper(warp["top_k"]))
        if "top_p" in warp:
            processors.append(TopPLogitsWarper(warp["top_p"]))
        probabilities = processors(prompt[None], logits).softmax(-1)[0]
        kept = {str(token): float(f"{p:.8g}") for token, p in enumerate(probabilities.tolist()) if p > 0}
        rows.append({"settings": warp, "probabilities": kept})
    return rows
