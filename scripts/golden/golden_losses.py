"""Losses on preference pairs by TRL's own code: values and gradients for random log-probs, and weights after AdamW steps.

    pip install -r scripts/golden/requirements.txt
    python scripts/golden/golden_losses.py

TRL's loss functions are called on log-probs that are made here, in fp64; no dataset and no trainer is set up.
"""

import json
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import torch
from safetensors.torch import load_file
from trl import DPOTrainer
from trl.experimental.cpo import CPOTrainer
from trl.experimental.orpo import ORPOTrainer

from forward64 import forward64
from golden_train import SETTINGS, as64, make_optimizer, save

OUT = Path(__file__).resolve().parents[2] / "test" / "golden"
LIBRARIES = ("trl", "torch")

# By name: the loss of Hone, its settings, and whose code it is held to.
CASES = {
    "sigmoid": ("sigmoid", {"beta": 0.1}, "dpo"),
    "sigmoid_norm": ("sigmoid_norm", {"beta": 2.0}, "dpo"),
    "ipo": ("ipo", {"beta": 0.4}, "dpo"),
    "hinge": ("hinge", {"beta": 0.1}, "dpo"),
    "robust": ("robust", {"beta": 0.3, "label_smoothing": 0.2}, "dpo"),
    "apo_zero": ("apo_zero", {"beta": 0.1}, "dpo"),
    "apo_zero_beta": ("apo_zero", {"beta": 0.5}, "dpo"),
    "apo_down": ("apo_down", {"beta": 0.1}, "dpo"),
    "exo_pair": ("exo_pair", {"beta": 0.1, "label_smoothing": 1e-3}, "dpo"),
    "exo_pair_smoothed": ("exo_pair", {"beta": 0.3, "label_smoothing": 0.1}, "dpo"),
    "bco_pair": ("bco_pair", {"beta": 0.1}, "dpo"),
    "nca_pair": ("nca_pair", {"beta": 0.1}, "dpo"),
    "sppo_hard": ("sppo_hard", {"beta": 0.1}, "dpo"),
    "simpo": ("simpo", {"beta": 2.0, "gamma": 1.0, "label_smoothing": 0.0}, "cpo"),
    "simpo_smoothed": ("simpo", {"beta": 2.5, "gamma": 0.3, "label_smoothing": 0.1}, "cpo"),
    "cpo": ("cpo", {"beta": 0.1, "label_smoothing": 0.0}, "cpo"),
    "cpo_smoothed": ("cpo", {"beta": 0.2, "label_smoothing": 0.2}, "cpo"),
    "orpo": ("orpo", {"beta": 0.1}, "orpo"),
    "orpo_beta": ("orpo", {"beta": 0.25}, "orpo"),
}
# Trainings: the case, the weight of the NLL (TRL's token mean), and whether the weights are kept.
TRAININGS = [
    *[(case, 0.0, False) for case in ("apo_down", "exo_pair", "bco_pair", "nca_pair", "simpo", "cpo")],
    *[(case, 1.0, False) for case in ("apo_down", "exo_pair", "bco_pair", "nca_pair", "sppo_hard", "cpo")],
    ("apo_zero", 0.0, True),
    ("apo_zero", 1.0, False),
    ("simpo", 1.0, True),
    ("orpo", 1.0, False),
]


class Accelerator:
    """Of the accelerator what the losses ask: one process on the CPU."""

    device = torch.device("cpu")

    def gather(self, values):
        return values

    gather_for_metrics = gather


class Metrics(dict):
    """Takes in all that TRL logs."""

    def __missing__(self, key):
        self[key] = Metrics() if key in ("train", "eval") else []
        return self[key]


def dpo_loss(name: str, settings: dict, logps: torch.Tensor, mask: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """The mean of DPOTrainer's loss. logps, mask [2 pairs, tokens], reference [2 pairs], the chosen first."""
    rows, tokens = logps.shape
    zeros = torch.zeros(rows, tokens, dtype=torch.float64)
    outputs = SimpleNamespace(log_probs=logps, entropy=zeros, mean_logits=zeros, is_top1=zeros.bool())
    trainer = SimpleNamespace(
        accelerator=Accelerator(),
        model=SimpleNamespace(training=True),
        args=SimpleNamespace(gradient_checkpointing_kwargs=None),
        aux_loss_enabled=False,
        ld_alpha=None,
        precompute_ref_logps=True,
        f_divergence_type="reverse_kl",
        loss_types=[name],
        loss_weights=[1.0],
        beta=settings["beta"],
        label_smoothing=settings.get("label_smoothing", 0.0),
        use_weighting=False,
        _metrics=Metrics(),
        _total_train_tokens=0,
        _tp_size=1,
    )
    # The first position predicts nothing.
    completion_mask = torch.cat([torch.zeros(rows, 1), mask], dim=1).long()
    chosen, rejected = reference.chunk(2)
    inputs = {
        "input_ids": torch.zeros_like(completion_mask),
        "attention_mask": torch.ones_like(completion_mask),
        "completion_mask": completion_mask,
        "ref_chosen_logps": chosen,
        "ref_rejected_logps": rejected,
    }
    return DPOTrainer._compute_loss(trainer, lambda **_: outputs, inputs, False)


def cpo_loss(name: str, settings: dict, logps: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The mean of CPOTrainer's loss; SimPO takes means over tokens, as its concatenated_forward says."""
    sums = logps.sum(1)
    chosen, rejected = (sums / mask.sum(1) if name == "simpo" else sums).chunk(2)
    trainer = SimpleNamespace(
        accelerator=Accelerator(),
        alpha=0.0,
        beta=settings["beta"],
        simpo_gamma=settings.get("gamma", 0.0),
        label_smoothing=settings["label_smoothing"],
        loss_type="simpo" if name == "simpo" else "sigmoid",
    )
    return CPOTrainer.cpo_loss(trainer, chosen, rejected)[0].mean()


def orpo_loss(settings: dict, logps: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The mean of ORPOTrainer's odds-ratio loss, which it subtracts from the NLL. TRL computes it in single precision."""
    chosen, rejected = (logps.sum(1) / mask.sum(1)).chunk(2)
    trainer = SimpleNamespace(accelerator=Accelerator(), beta=settings["beta"])
    return -ORPOTrainer.odds_ratio_loss(trainer, chosen, rejected)[0].mean()


def loss_of(case: str, logps: torch.Tensor, mask: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    name, settings, owner = CASES[case]
    if owner == "dpo":
        return dpo_loss(name, settings, logps, mask, reference)
    return cpo_loss(name, settings, logps, mask) if owner == "cpo" else orpo_loss(settings, logps, mask)


def make_values(generator: torch.Generator) -> dict:
    """Pairs as sums and lengths, and for each case the loss of each pair alone, with its gradient by both sums."""
    pairs = []
    for index in range(16):
        tokens = torch.randint(1, 40, (2,), generator=generator)
        per_token = -2.5 * torch.rand(2, generator=generator, dtype=torch.float64) - 0.02
        policy = per_token * tokens
        # The later pairs are far from the reference.
        spread = 2.0 if index < 10 else 15.0
        reference = torch.minimum(policy + spread * torch.randn(2, generator=generator, dtype=torch.float64), torch.tensor(-0.01))
        pairs.append({"tokens": tokens.tolist(), "policy": policy.tolist(), "reference": reference.tolist()})
    return {"pairs": pairs, "cases": {case: settings_of(case) | {"values": [value_of(case, pair) for pair in pairs]} for case in CASES}}


def settings_of(case: str) -> dict:
    name, settings, _ = CASES[case]
    return {"preference": name, "settings": settings}


def value_of(case: str, pair: dict) -> dict:
    tokens = pair["tokens"]
    mask = torch.zeros(2, max(tokens))
    sums = torch.tensor(pair["policy"], dtype=torch.float64, requires_grad=True)
    for row, count in enumerate(tokens):
        mask[row, :count] = 1
    logps = mask.double() * (sums / torch.tensor(tokens))[:, None]
    loss = loss_of(case, logps, mask, torch.tensor(pair["reference"], dtype=torch.float64))
    (gradient,) = torch.autograd.grad(loss, sums)
    return {"loss": loss.item(), "gradient": gradient.tolist()}


def token_logps(weights, config, prompt: list[int], completion: list[int]) -> torch.Tensor:
    ids = torch.tensor(prompt + completion)
    return forward64(weights, config, ids).log_softmax(-1)[:-1].gather(1, ids[1:, None])[len(prompt) - 1 :, 0]


def batch_logps(weights, config, pairs: list[dict]) -> tuple[torch.Tensor, torch.Tensor]:
    """Log-probs of all tokens and which are some, [2 pairs, tokens], the chosen first."""
    rows = [token_logps(weights, config, pair["prompt"], pair[side]) for side in ("chosen", "rejected") for pair in pairs]
    longest = max(len(row) for row in rows)
    pad = lambda row: torch.nn.functional.pad(row, (0, longest - len(row)))
    return torch.stack([pad(row) for row in rows]), torch.stack([pad(torch.ones(len(row))) for row in rows])


def train(case: str, alpha: float, folder: Path, keep: bool) -> dict:
    golden = json.loads((OUT / "train" / "train_golden.json").read_text())
    config = json.loads((OUT / "models" / "untied" / "config.json").read_text())
    pairs = golden["pairs"]
    reference = batch_logps(as64(load_file(OUT / "models" / "untied" / "model.safetensors")), config, pairs)[0].sum(1)
    weights = {name: w.requires_grad_() for name, w in as64(load_file(OUT / "train" / "policy.safetensors")).items()}
    optimizer = make_optimizer(weights)
    steps = []
    for _ in range(SETTINGS["steps"]):
        logps, mask = batch_logps(weights, config, pairs)
        chosen, counted = logps[: len(pairs)], mask[: len(pairs)]
        loss = loss_of(case, logps, mask, reference) + alpha * -chosen.sum() / counted.sum()
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(weights.values(), SETTINGS["max_gradient_norm"])
        optimizer.step()
        steps.append({"loss": loss.item(), "gradient_norm": norm.item()})
    if keep:
        save(folder / f"{case}_step5.safetensors", weights)
    return settings_of(case) | {"case": case, "nll_alpha": alpha, "weights": keep, "steps": steps}


def make_losses(folder: Path, seed: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    values = make_values(torch.Generator().manual_seed(seed))
    trainings = [train(case, alpha, folder, keep) for case, alpha, keep in TRAININGS]
    made_with = {name: version(name) for name in LIBRARIES}
    golden = {"made_with": made_with, **values, "trainings": trainings}
    (folder / "losses_golden.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    make_losses(OUT / "losses", seed=81)
