"""Weights of each family after AdamW steps on the paper's loss, by Transformers and PyTorch's automatic differentiation in fp64.

    python scripts/golden/golden_train_families.py

The models are those of test/golden/configs. Policy and reference are the same at the start.
"""

import json
from importlib.metadata import version
from pathlib import Path

import torch
from torch.nn.functional import logsigmoid
from transformers import AutoModelForCausalLM

from golden_train import SETTINGS, make_pairs, save

OUT = Path(__file__).resolve().parents[2] / "test" / "golden"
LIBRARIES = ("torch", "transformers")
FAMILIES = ("olmo2", "olmo2-linear-tied", "olmo3", "phi3", "phi3-longrope", "gemma3", "gemma3-published")
VOCABULARY = {"vocab_size": 64, "eos_token_id": 2}


def pair_logps(model, pair: dict) -> list[torch.Tensor]:
    """Summed log-probs of the chosen and the rejected completion given the prompt."""
    sums = []
    for side in ("chosen", "rejected"):
        ids = torch.tensor(pair["prompt"] + pair[side])
        logps = model(ids[None]).logits[0].log_softmax(-1)[:-1].gather(1, ids[1:, None])[:, 0]
        sums.append(logps[len(pair["prompt"]) - 1 :].sum())
    return sums


def loss_of(model, pairs: list[dict], references: list) -> torch.Tensor:
    """Mean over pairs of DPO plus alpha times the winner's NLL, divided by the winner's own number of tokens."""
    losses = []
    for pair, (chosen_reference, rejected_reference) in zip(pairs, references):
        chosen, rejected = pair_logps(model, pair)
        margin = SETTINGS["beta"] * ((chosen - chosen_reference) - (rejected - rejected_reference))
        losses.append(-logsigmoid(margin) - SETTINGS["alpha"] * chosen / len(pair["chosen"]))
    return torch.stack(losses).mean()


def train(name: str, folder: Path, seed: int) -> dict:
    """Five steps from the stored model; writes the weights behind the last."""
    # Attention is computed as it is written down. Without dropout, which TRL's preference trainers switch off, too.
    model = AutoModelForCausalLM.from_pretrained(OUT / "configs" / name, dtype=torch.float64, attn_implementation="eager").eval()
    pairs = make_pairs(VOCABULARY, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        references = [pair_logps(model, pair) for pair in pairs]
    weights = dict(model.named_parameters())
    decayed = [w for w in weights.values() if w.dim() > 1]
    others = [w for w in weights.values() if w.dim() == 1]
    groups = [{"params": decayed, "weight_decay": SETTINGS["weight_decay"]}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=SETTINGS["learning_rate"], betas=SETTINGS["betas"], eps=SETTINGS["eps"])
    steps = []
    for _ in range(SETTINGS["steps"]):
        loss = loss_of(model, pairs, references)
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(weights.values(), SETTINGS["max_gradient_norm"])
        optimizer.step()
        steps.append({"loss": loss.item(), "gradient_norm": norm.item()})
    save(folder / f"{name}_step5.safetensors", weights)
    return {"model": name, "pairs": pairs, "steps": steps}


def make_train_families(folder: Path, seed: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    trainings = [train(name, folder, seed + offset) for offset, name in enumerate(FAMILIES)]
    golden = {"made_with": {name: version(name) for name in LIBRARIES}, "settings": SETTINGS, "trainings": trainings}
    (folder / "golden.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    make_train_families(OUT / "train-families", seed=101)
