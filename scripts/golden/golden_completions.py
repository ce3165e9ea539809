"""Losses on labelled completions by TRL's own code (KTOTrainer): values and gradients for random log-probs, and AdamW steps.

    pip install -r scripts/golden/requirements.txt
    python scripts/golden/golden_completions.py

TRL's loss, its estimate of the KL divergence and its collator are called in fp64, on models that are functions of token ids; no dataset and
no trainer is set up. The shift of completions by one place is that of its `_prepare_dataset`.
"""

import json
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import torch
from safetensors.torch import load_file
from trl import KTOTrainer
from trl.trainer.kto_trainer import DataCollatorForUnpairedPreference

from forward64 import forward64
from golden_losses import LIBRARIES, OUT, Accelerator, Metrics
from golden_train import SETTINGS, as64, make_optimizer

# By name: the loss of Hone, and its settings.
CASES = {
    "kto": ("kto", {"beta": 0.1, "desirable_weight": 1.0, "undesirable_weight": 1.0}),
    "kto_weights": ("kto", {"beta": 0.4, "desirable_weight": 1.33, "undesirable_weight": 0.7}),
    "apo_zero_unpaired": ("apo_zero_unpaired", {"beta": 0.1, "desirable_weight": 1.0, "undesirable_weight": 1.0}),
    "apo_zero_unpaired_weights": ("apo_zero_unpaired", {"beta": 0.5, "desirable_weight": 0.5, "undesirable_weight": 2.0}),
}
# Trainings: the case, the data, and the weight of the NLL of the desirable (the mean over their tokens).
TRAININGS = [
    *[("kto", data, alpha) for data in ("pairs", "unpaired") for alpha in (0.0, 1.0)],
    ("kto_weights", "unpaired", 0.0),
    ("apo_zero_unpaired", "pairs", 0.0),
    ("apo_zero_unpaired_weights", "unpaired", 1.0),
]


def kto_loss(case: str, model, reference, batch: dict) -> tuple[torch.Tensor, float]:
    """KTOTrainer's loss of a collated batch, and the KL divergence that it estimates."""
    name, settings = CASES[case]
    trainer = SimpleNamespace(
        accelerator=Accelerator(),
        args=SimpleNamespace(gradient_checkpointing_kwargs=None),
        model=Asked(),
        ref_model=reference,
        aux_loss_enabled=False,
        precompute_ref_logps=False,
        calculate_KL=name == "kto",
        loss_type=name,
        beta=settings["beta"],
        desirable_weight=settings["desirable_weight"],
        undesirable_weight=settings["undesirable_weight"],
        _metrics=Metrics(),
        _total_train_tokens=0,
        _tp_size=1,
    )
    trainer._compute_kl_logps = partial(KTOTrainer._compute_kl_logps, trainer)
    loss = KTOTrainer._compute_loss(trainer, model, batch, False)
    return loss, trainer._metrics["train"]["kl"][0]


class Asked(torch.nn.Module):
    """Of the trainer's own model what TRL asks beside its log-probs."""

    is_gradient_checkpointing = False


class Model:
    """Log-probs of the labels, [rows, tokens - 1], as TRL's fused head gives them: 0 where there is none."""

    def __init__(self, token_logps):
        self.token_logps = token_logps

    def __call__(self, input_ids, attention_mask, labels, **_):
        rows = []
        for ids, mask, label in zip(input_ids, attention_mask, labels):
            length = int(mask.sum())
            logps = self.token_logps(ids[:length]) * (label[1:length] != -100)
            rows.append(torch.nn.functional.pad(logps, (0, len(ids) - length)))
        log_probs = torch.stack(rows)
        return SimpleNamespace(log_probs=log_probs, entropy=torch.zeros_like(log_probs), mean_logits=torch.zeros_like(log_probs))


def collate(rows: list[dict]) -> dict:
    """Completions behind their prompts, and moved on by one place."""
    shifted = [rows[-1]["completion"], *[row["completion"] for row in rows[:-1]]]
    examples = [
        {"prompt_ids": row["prompt"], "completion_ids": row["completion"], "KL_completion_ids": other, "label": row["label"]}
        for row, other in zip(rows, shifted)
    ]
    return DataCollatorForUnpairedPreference(pad_token_id=0)(examples)


def make_values(generator: torch.Generator) -> dict:
    """Batches of completions as sums and lengths; the loss of each, and its gradient by the policy's sums."""
    batches = [make_batch(generator, size) for size in (1, 2, 3, 5, 8, 8, 8)]
    cases = {case: {"preference": CASES[case][0], "settings": CASES[case][1]} for case in CASES}
    return {
        "batches": batches,
        "cases": {case: named | {"values": [value_of(case, batch) for batch in batches]} for case, named in cases.items()},
    }


def make_batch(generator: torch.Generator, size: int) -> dict:
    """Sums of a batch's completions, behind their own prompts and behind others."""
    draw = lambda: torch.rand(size, generator=generator, dtype=torch.float64)
    tokens = torch.randint(1, 40, (size,), generator=generator)
    near = lambda sums: torch.minimum(sums + 6 * (draw() - 0.5), torch.tensor(-0.01)).tolist()
    # Batches that are near to the reference, and batches that are far.
    distance = 5 * torch.rand(1, generator=generator, dtype=torch.float64)
    policy, behind_others = (-2.5 * draw() - 0.02) * tokens, (-2.5 * draw() - 0.02) * tokens
    return {
        "labels": (draw() < 0.5).tolist(),
        "tokens": tokens.tolist(),
        "policy": policy.tolist(),
        "reference": near(policy),
        "policy_mismatched": behind_others.tolist(),
        "reference_mismatched": near(behind_others - distance),
    }


def value_of(case: str, batch: dict) -> dict:
    """Each row is a prompt of one token, which is its number, and a completion of so many ones; those that are moved on begin with two."""
    size = len(batch["labels"])
    longest = max(batch["tokens"])
    ids, mask, kl_ids = (torch.zeros(size, longest + 1, dtype=torch.long) for _ in range(3))
    for row, count in enumerate(batch["tokens"]):
        ids[row, : count + 1] = torch.tensor([row] + [1] * count)
        kl_ids[row, : count + 1] = torch.tensor([row] + [2] * count)
        mask[row, : count + 1] = 1
    completion = mask.clone()
    completion[:, 0] = 0
    inputs = {"input_ids": ids, "attention_mask": mask, "completion_mask": completion, "label": torch.tensor(batch["labels"])}
    inputs |= {"KL_input_ids": kl_ids, "KL_attention_mask": mask, "KL_completion_mask": completion}
    sums = torch.tensor(batch["policy"], dtype=torch.float64, requires_grad=True)

    def model(own, moved):
        of = lambda ids: own if ids[1] == 1 else torch.tensor(moved, dtype=torch.float64)
        return Model(lambda ids: (of(ids)[ids[0]] / (len(ids) - 1)).expand(len(ids) - 1))

    reference = model(torch.tensor(batch["reference"], dtype=torch.float64), batch["reference_mismatched"])
    loss, kl = kto_loss(case, model(sums, batch["policy_mismatched"]), reference, inputs)
    (gradient,) = torch.autograd.grad(loss, sums)
    return {"loss": loss.item(), "kl": kl, "gradient": gradient.tolist()}


def data_of(name: str, pairs: list[dict]) -> list[dict]:
    """Three prompts: all chosen and then all rejected, as TRL takes pairs apart, or one completion each."""
    labelled = lambda pair, side: {"prompt": pair["prompt"], "completion": pair[side], "label": side == "chosen"}
    pairs = pairs[1:]
    if name == "pairs":
        return [labelled(pair, side) for side in ("chosen", "rejected") for pair in pairs]
    return [labelled(pair, side) for pair, side in zip(pairs, ("chosen", "rejected", "rejected"))]


def train(case: str, data: str, alpha: float) -> dict:
    golden = json.loads((OUT / "train" / "train_golden.json").read_text())
    config = json.loads((OUT / "models" / "untied" / "config.json").read_text())
    batch = collate(rows := data_of(data, golden["pairs"]))
    of = lambda weights: Model(lambda ids: forward64(weights, config, ids).log_softmax(-1)[:-1].gather(1, ids[1:, None])[:, 0])
    reference = of(as64(load_file(OUT / "models" / "untied" / "model.safetensors")))
    weights = {name: w.requires_grad_() for name, w in as64(load_file(OUT / "train" / "policy.safetensors")).items()}
    optimizer = make_optimizer(weights)
    desirable = collate([row for row in rows if row["label"]])
    steps = []
    for _ in range(SETTINGS["steps"]):
        loss, kl = kto_loss(case, of(weights), reference, batch)
        ids, mask = desirable["input_ids"], desirable["completion_mask"]
        nll = -of(weights)(ids, desirable["attention_mask"], ids.masked_fill(mask == 0, -100)).log_probs.sum() / mask.sum()
        total = loss + alpha * nll
        optimizer.zero_grad()
        total.backward()
        norm = torch.nn.utils.clip_grad_norm_(weights.values(), SETTINGS["max_gradient_norm"])
        optimizer.step()
        steps.append({"loss": total.item(), "kl": kl, "gradient_norm": norm.item()})
    name, settings = CASES[case]
    return {"case": case, "preference": name, "settings": settings, "data": data, "nll_alpha": alpha, "steps": steps}


def make_completions(folder: Path, seed: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    values = make_values(torch.Generator().manual_seed(seed))
    trainings = [train(*training) for training in TRAININGS]
    pairs = json.loads((OUT / "train" / "train_golden.json").read_text())["pairs"]
    data = {name: data_of(name, pairs) for name in ("pairs", "unpaired")}
    made_with = {name: version(name) for name in LIBRARIES}
    golden = {"made_with": made_with, **values, "data": data, "trainings": trainings}
    (folder / "completions_golden.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    make_completions(OUT / "losses", seed=111)
