"""PyTorch eager: forward, backward, clipping and fused AdamW."""

import torch
from common import SETTINGS, llama, measure

model = llama(SETTINGS).train()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6, weight_decay=0.01, fused=True)
ids = torch.randint(3, SETTINGS["model"]["vocab"], (SETTINGS["batch"], SETTINGS["length"]))


def work():
    for _ in range(SETTINGS["repeats"]):
        model(input_ids=ids, labels=ids).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return SETTINGS["repeats"] * ids.numel()


measure(f"PyTorch {torch.__version__} eager", work, 1)
