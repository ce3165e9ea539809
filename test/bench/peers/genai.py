"""onnxruntime-genai in fp32 on the CPU. Its model builder takes a Hugging Face folder."""

import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnxruntime_genai as og
from common import SETTINGS, llama, measure

batch, prompt, new_tokens = SETTINGS["batch"], SETTINGS["prompt"], SETTINGS["new_tokens"]
folder = tempfile.TemporaryDirectory()
source, built = os.path.join(folder.name, "hf"), os.path.join(folder.name, "genai")


def write_tokenizer(path):
    """The builder wants one; it is not used."""
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    words = {f"t{i}": i for i in range(SETTINGS["model"]["vocab"])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="t0"))
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="t1", eos_token="t2", pad_token="t0").save_pretrained(path)


llama(SETTINGS).save_pretrained(source)
write_tokenizer(source)
builder = [sys.executable, "-m", "onnxruntime_genai.models.builder", "-m", source, "-o", built, "-p", "fp32", "-e", "cpu"]
subprocess.run(builder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
config = og.Config(built)
config.overlay(json.dumps({"model": {"decoder": {"session_options": {"intra_op_num_threads": SETTINGS["threads"]}}}}))
model = og.Model(config)
ids = np.random.default_rng(0).integers(3, SETTINGS["model"]["vocab"], prompt, dtype=np.int32)


def work():
    params = og.GeneratorParams(model)
    length = prompt + new_tokens
    params.set_search_options(max_length=length, min_length=length, do_sample=True, top_k=0, temperature=1.0, batch_size=batch)
    generator = og.Generator(model, params)
    generator.append_tokens(np.tile(ids, (batch, 1)))
    for _ in range(new_tokens):
        generator.generate_next_token()
    return batch * new_tokens


measure(f"onnxruntime-genai {og.__version__}", work, SETTINGS["repeats"])
