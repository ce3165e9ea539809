"""A Llama forward pass in fp64, written from the definition (no Transformers code), to be differentiated by autograd."""

import math

import torch


def forward64(weights: dict[str, torch.Tensor], config: dict, ids: torch.Tensor) -> torch.Tensor:
    """Logits [time, vocab] of token ids [time]. `config` is config.json in either layout."""
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    head_dim, eps = config["head_dim"], config["rms_norm_eps"]
    time = ids.shape[0]
    cos, sin = rotation(config, time)
    mask = torch.full((time, time), float("-inf"), dtype=torch.float64).triu(1)
    hidden = weights["model.embed_tokens.weight"][ids]
    for layer in range(config["num_hidden_layers"]):
        prefix = f"model.layers.{layer}."
        w = lambda name: weights[prefix + name + ".weight"]
        x = rms_norm(hidden, w("input_layernorm"), eps)
        q = (x @ w("self_attn.q_proj").T).view(time, heads, head_dim).transpose(0, 1)
        k = (x @ w("self_attn.k_proj").T).view(time, kv_heads, head_dim).transpose(0, 1)
        v = (x @ w("self_attn.v_proj").T).view(time, kv_heads, head_dim).transpose(0, 1)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        k, v = (t.repeat_interleave(heads // kv_heads, 0) for t in (k, v))
        scores = q @ k.transpose(1, 2) / math.sqrt(head_dim) + mask
        attended = (scores.softmax(-1) @ v).transpose(0, 1).reshape(time, heads * head_dim)
        hidden = hidden + attended @ w("self_attn.o_proj").T
        x = rms_norm(hidden, w("post_attention_layernorm"), eps)
        gate = x @ w("mlp.gate_proj").T
        hidden = hidden + (gate * gate.sigmoid() * (x @ w("mlp.up_proj").T)) @ w("mlp.down_proj").T
    hidden = rms_norm(hidden, weights["model.norm.weight"], eps)
    head = weights.get("lm_head.weight", weights["model.embed_tokens.weight"])
    return hidden @ head.T


def rms_norm(x: torch.Tensor, weight: torch.Tensor, eps: float) -> torch.Tensor:
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * weight


def rotation(config: dict, time: int) -> tuple[torch.Tensor, torch.Tensor]:
    scaling = config.get("rope_parameters") or config.get("rope_scaling") or {}
    theta = scaling.get("rope_theta") or config["rope_theta"]
    exponents = torch.arange(0, config["head_dim"], 2, dtype=torch.float64) / config["head_dim"]
    frequencies = theta**-exponents
    if scaling.get("rope_type") == "linear":
        frequencies = frequencies / scaling["factor"]
    if scaling.get("rope_type") == "llama3":
        frequencies = torch.stack([llama3_frequency(f, scaling) for f in frequencies])
    angles = torch.outer(torch.arange(time, dtype=torch.float64), frequencies)
    angles = torch.cat([angles, angles], -1)
    return angles.cos(), angles.sin()


def llama3_frequency(frequency: torch.Tensor, scaling: dict) -> torch.Tensor:
    """Long waves are stretched, short ones kept, those between are mixed."""
    low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
    turns = scaling["original_max_position_embeddings"] * frequency / (2 * math.pi)
    smooth = ((turns - low) / (high - low)).clamp(0, 1)
    return (1 - smooth) * frequency / scaling["factor"] + smooth * frequency


def rotate(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    first, second = x.chunk(2, -1)
    return x * cos + torch.cat([-second, first], -1) * sin
