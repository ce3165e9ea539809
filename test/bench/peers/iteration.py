"""One iteration as a script of today does it: Hugging Face generate, TRL's DPOTrainer, Hugging Face generate."""

import time

import torch
import transformers
import trl
from common import SETTINGS, llama, report
from hf_generate import generate
from trl_dpo import train

# Rows that are generated together: faster than fewer.
ROWS = 120

model = llama(SETTINGS)


def prompts(count):
    return torch.randint(3, SETTINGS["model"]["vocab"], (count, SETTINGS["prompt"]))


def generate_all(count, samples, greedy):
    together = max(1, ROWS // samples)
    for part in prompts(count).split(together):
        generate(model, part, samples, greedy)


wall, cpu = time.perf_counter(), time.process_time()
generate_all(SETTINGS["problems"], SETTINGS["completions"], greedy=False)
train(model)
generate_all(SETTINGS["test_problems"], 1, greedy=True)
name = f"Transformers {transformers.__version__} generate and TRL {trl.__version__} DPOTrainer"
report(name, 1, time.perf_counter() - wall, time.process_time() - cpu)
