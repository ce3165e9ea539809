"""Hugging Face generate: one prompt, a batch of samples."""

import torch
import transformers
from common import SETTINGS, llama, measure

model = llama(SETTINGS).eval()
prompt = torch.randint(3, SETTINGS["model"]["vocab"], (1, SETTINGS["prompt"]))
count = dict(min_new_tokens=SETTINGS["new_tokens"], max_new_tokens=SETTINGS["new_tokens"])


@torch.inference_mode()
def work():
    mask = torch.ones_like(prompt)
    sampled = dict(do_sample=True, top_k=0, temperature=1.0, num_return_sequences=SETTINGS["batch"])
    model.generate(prompt, attention_mask=mask, **sampled, **count)
    return SETTINGS["batch"] * SETTINGS["new_tokens"]


measure(f"Transformers {transformers.__version__} generate", work, SETTINGS["repeats"])
