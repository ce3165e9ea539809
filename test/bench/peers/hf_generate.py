"""Hugging Face generate: one prompt, a batch of samples."""

import torch
import transformers
from common import SETTINGS, llama, measure


@torch.inference_mode()
def generate(model, prompts, samples=1, greedy=False):
    count = dict(min_new_tokens=SETTINGS["new_tokens"], max_new_tokens=SETTINGS["new_tokens"])
    drawn = dict(do_sample=True, top_k=0, temperature=1.0, num_return_sequences=samples)
    how = dict(do_sample=False) if greedy else drawn
    return model.eval().generate(prompts, attention_mask=torch.ones_like(prompts), **how, **count)


def main():
    model = llama(SETTINGS)
    prompt = torch.randint(3, SETTINGS["model"]["vocab"], (1, SETTINGS["prompt"]))

    def work():
        return generate(model, prompt, SETTINGS["batch"])[:, prompt.shape[1] :].numel()

    measure(f"Transformers {transformers.__version__} generate", work, SETTINGS["repeats"])


if __name__ == "__main__":
    main()
