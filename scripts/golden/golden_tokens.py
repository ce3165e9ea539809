"""The loss of GRPO by TRL's own code (GRPOTrainer): values and gradients for random log-probs of tokens, and AdamW steps.

    pip install -r scripts/golden/requirements.txt
    python scripts/golden/golden_tokens.py

TRL's `_compute_loss` is called in fp64 on log-probs that are made here; no dataset and no trainer is set up.
"""

import json
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import torch
from safetensors.torch import load_file
from trl import GRPOTrainer

from golden_losses import LIBRARIES, OUT, Accelerator, Metrics, token_logps
from golden_train import SETTINGS, as64, make_optimizer

DEFAULTS = {"beta": 0.04, "epsilon": 0.2, "epsilon_high": 0.2, "loss_type": "grpo", "max_completion_length": 512}
# By name: settings of Hone's loss `grpo` that are not its defaults.
CASES = {
    "grpo": {},
    "grpo_without_kl": {"beta": 0.0},
    "grpo_clip_higher": {"beta": 0.5, "epsilon": 0.1, "epsilon_high": 0.28},
    "bnpo": {"loss_type": "bnpo"},
    "dr_grpo": {"loss_type": "dr_grpo", "beta": 0.0, "max_completion_length": 16},
}
TRAININGS = ("grpo", "grpo_clip_higher", "bnpo", "dr_grpo")


class Reducing(Accelerator):
    def reduce(self, values, reduction):
        return values


def grpo_loss(case: str, logps, old, reference, mask, advantages) -> torch.Tensor:
    """GRPOTrainer's loss. All but the advantages [rows] are [rows, tokens]."""
    settings = DEFAULTS | CASES[case]
    trainer = SimpleNamespace(
        accelerator=Reducing(),
        args=SimpleNamespace(use_bias_correction_kl=False, delta=None),
        model=SimpleNamespace(training=True),
        aux_loss_enabled=False,
        beta=settings["beta"],
        current_gradient_accumulation_steps=1,
        epsilon_low=settings["epsilon"],
        epsilon_high=settings["epsilon_high"],
        importance_sampling_level="token",
        loss_type=settings["loss_type"],
        max_completion_length=settings["max_completion_length"],
        off_policy_mask_threshold=None,
        top_entropy_quantile=1.0,
        use_vllm=False,
        _entropy_bonus_enabled=False,
        _get_per_token_logps_and_entropies=lambda *_, **__: (logps, torch.zeros_like(logps), None),
        _metrics=Metrics(),
    )
    ids = torch.zeros_like(mask, dtype=torch.long)
    inputs = {
        "prompt_ids": ids[:, :1],
        "prompt_mask": torch.ones_like(ids[:, :1]),
        "completion_ids": ids,
        "completion_mask": mask,
        "advantages": advantages,
        "old_per_token_logps": old,
        "ref_per_token_logps": reference,
    }
    return GRPOTrainer._compute_loss(trainer, None, inputs)


def make_batch(generator: torch.Generator, lengths: list[int]) -> dict:
    """Log-probs of the tokens of each completion; some are far from the old ones or from the reference."""
    draw = lambda length: torch.rand(length, generator=generator, dtype=torch.float64)
    rows = []
    for length in lengths:
        old = -3 * draw(length) - 0.01
        near = lambda spread: torch.minimum(old + spread * (draw(length) - 0.5), torch.tensor(-1e-3, dtype=torch.float64))
        rows.append({"policy": near(1.0).tolist(), "old": old.tolist(), "reference": near(3.0).tolist()})
    advantages = torch.randn(len(lengths), generator=generator, dtype=torch.float64)
    return {"advantages": advantages.tolist(), "rows": rows}


def padded(rows: list[list[float]]) -> torch.Tensor:
    return torch.nn.utils.rnn.pad_sequence([torch.tensor(row, dtype=torch.float64) for row in rows], batch_first=True)


def value_of(case: str, batch: dict) -> dict:
    policy, old, reference = (padded([row[name] for row in batch["rows"]]) for name in ("policy", "old", "reference"))
    mask = padded([[1.0] * len(row["old"]) for row in batch["rows"]])
    advantages = torch.tensor(batch["advantages"], dtype=torch.float64)
    loss = grpo_loss(case, policy.requires_grad_(), old, reference, mask, advantages)
    (gradient,) = torch.autograd.grad(loss, policy)
    lengths = [len(row["old"]) for row in batch["rows"]]
    return {"loss": loss.item(), "gradient": [row[:length].tolist() for row, length in zip(gradient, lengths)]}


def train(case: str, rows: list[dict]) -> dict:
    config = json.loads((OUT / "models" / "untied" / "config.json").read_text())
    of = lambda weights: torch.nn.utils.rnn.pad_sequence(
        [token_logps(weights, config, row["prompt"], row["completion"]) for row in rows], batch_first=True
    )
    reference = of(as64(load_file(OUT / "models" / "untied" / "model.safetensors")))
    weights = {name: w.requires_grad_() for name, w in as64(load_file(OUT / "train" / "policy.safetensors")).items()}
    old = of(weights).detach()
    mask = padded([[1.0] * len(row["completion"]) for row in rows])
    advantages = torch.tensor([row["advantage"] for row in rows], dtype=torch.float64)
    optimizer = make_optimizer(weights)
    steps = []
    for _ in range(SETTINGS["steps"]):
        loss = grpo_loss(case, of(weights), old, reference, mask, advantages)
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(weights.values(), SETTINGS["max_gradient_norm"])
        optimizer.step()
        steps.append({"loss": loss.item(), "gradient_norm": norm.item()})
    return {"case": case, "settings": DEFAULTS | CASES[case], "steps": steps}


def make_tokens(folder: Path, seed: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    generator = torch.Generator().manual_seed(seed)
    batches = [make_batch(generator, lengths) for lengths in ([1], [7, 3], [12, 1, 5, 9])]
    cases = {case: {"settings": DEFAULTS | CASES[case], "values": [value_of(case, batch) for batch in batches]} for case in CASES}
    pairs = json.loads((OUT / "train" / "train_golden.json").read_text())["pairs"]
    sides = [(pair, side) for pair in pairs for side in ("chosen", "rejected")]
    rows = [
        {"prompt": pair["prompt"], "completion": pair[side], "advantage": (1 if side == "chosen" else -0.75) * (1 + index / 8)}
        for index, (pair, side) in enumerate(sides)
    ]
    made_with = {name: version(name) for name in LIBRARIES}
    golden = {"made_with": made_with, "batches": batches, "cases": cases, "data": rows}
    golden["trainings"] = [train(case, rows) for case in TRAININGS]
    (folder / "tokens_golden.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    make_tokens(OUT / "losses", seed=121)
