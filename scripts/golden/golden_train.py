"""The loss of IRPO (arXiv 2404.19733, equation 2) in fp64: values, gradients, and weights after AdamW steps."""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch.nn.functional import logsigmoid

from forward64 import forward64

SETTINGS = {
    "beta": 0.1,
    "alpha": 1.0,
    "learning_rate": 1e-3,
    "betas": [0.9, 0.999],
    "eps": 1e-8,
    "weight_decay": 0.01,
    "weight_decay_on": "matrices, the embedding and the output head included; not norms",
    "max_gradient_norm": 1.0,
    "steps": 5,
    "batch": "all pairs at every step",
}
OTHERS = [{"alpha": 0.0, "beta": 0.1}, {"alpha": 0.25, "beta": 0.1}, {"alpha": 2.0, "beta": 0.5}]


def make_train(folder: Path, reference: Path, seed: int) -> None:
    folder.mkdir(parents=True)
    config = json.loads((reference / "config.json").read_text())
    base = load_file(reference / "model.safetensors")
    generator = torch.Generator().manual_seed(seed)
    start = {name: w + 0.02 * torch.randn(w.shape, generator=generator) for name, w in base.items()}
    save_file(start, folder / "policy.safetensors", metadata={"format": "pt"})
    pairs = make_pairs(config, generator)

    reference_logps = [pair_logps(as64(base), config, pair) for pair in pairs]
    weights = {name: w.requires_grad_() for name, w in as64(start).items()}
    optimizer = make_optimizer(weights)
    others = [values_of(weights, config, pairs, reference_logps, **other)[1] | other for other in OTHERS]
    steps = []
    for step in range(1, SETTINGS["steps"] + 1):
        loss, values = values_of(weights, config, pairs, reference_logps, SETTINGS["beta"], SETTINGS["alpha"])
        optimizer.zero_grad()
        loss.backward()
        if step == 1:
            save(folder / "gradients.safetensors", {name: w.grad for name, w in weights.items()})
        norm = torch.nn.utils.clip_grad_norm_(weights.values(), SETTINGS["max_gradient_norm"])
        optimizer.step()
        steps.append(values | {"gradient_norm": norm.item()})
        if step in (1, SETTINGS["steps"]):
            save(folder / f"weights_step{step}.safetensors", weights)
    golden = {"settings": SETTINGS, "pairs": pairs, "steps": steps, "other_losses_at_start": others}
    (folder / "train_golden.json").write_text(json.dumps(golden) + "\n")


def as64(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: w.detach().double().clone() for name, w in weights.items()}


def save(file: Path, tensors: dict[str, torch.Tensor]) -> None:
    save_file({name: t.detach().float().contiguous() for name, t in tensors.items()}, file)


def make_pairs(config: dict, generator: torch.Generator) -> list[dict]:
    """Token ids; both completions end with EOS. Two pairs share a prompt, two share a rejected completion."""
    eos = config["eos_token_id"]
    draw = lambda n: torch.randint(3, config["vocab_size"], (n,), generator=generator).tolist()
    first, second, third = draw(6), draw(4), draw(9)
    rejected = [*draw(5), eos]
    return [
        {"prompt": first, "chosen": [*draw(4), eos], "rejected": rejected},
        {"prompt": first, "chosen": [*draw(8), eos], "rejected": rejected},
        {"prompt": second, "chosen": [*draw(2), eos], "rejected": [*draw(9), eos]},
        {"prompt": third, "chosen": [*draw(6), eos], "rejected": [*draw(3), eos]},
    ]


def make_optimizer(weights: dict[str, torch.Tensor]) -> torch.optim.AdamW:
    matrices = [w for w in weights.values() if w.dim() > 1]
    vectors = [w for w in weights.values() if w.dim() == 1]
    groups = [{"params": matrices, "weight_decay": SETTINGS["weight_decay"]}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=SETTINGS["learning_rate"], betas=SETTINGS["betas"], eps=SETTINGS["eps"])


def pair_logps(weights: dict[str, torch.Tensor], config: dict, pair: dict) -> list[torch.Tensor]:
    """Summed log-probs of the chosen and the rejected completion given the prompt."""
    return [completion_logp(weights, config, pair["prompt"], pair[side]) for side in ("chosen", "rejected")]


def completion_logp(weights, config, prompt: list[int], completion: list[int]) -> torch.Tensor:
    ids = torch.tensor(prompt + completion)
    logps = forward64(weights, config, ids).log_softmax(-1)[:-1].gather(1, ids[1:, None])[:, 0]
    return logps[len(prompt) - 1 :].sum()


def values_of(weights, config, pairs, reference_logps, beta: float, alpha: float) -> tuple[torch.Tensor, dict]:
    """Mean over pairs of DPO plus alpha times the winner's NLL, divided by the winner's own number of tokens."""
    rows, losses = [], []
    for pair, (chosen_ref, rejected_ref) in zip(pairs, reference_logps):
        chosen, rejected = pair_logps(weights, config, pair)
        margin = beta * ((chosen - chosen_ref) - (rejected - rejected_ref))
        dpo, nll = -logsigmoid(margin), -chosen / len(pair["chosen"])
        losses.append(dpo + alpha * nll)
        terms = {"loss": losses[-1], "dpo": dpo, "nll": nll, "margin": margin}
        logps = {"chosen": chosen, "rejected": rejected, "chosen_reference": chosen_ref, "rejected_reference": rejected_ref}
        rows.append({name: value.item() for name, value in (terms | logps).items()})
    loss = torch.stack(losses).mean()
    return loss, {"loss": loss.item(), "pairs": rows}
