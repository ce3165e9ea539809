"""What the peers of `npm run bench` share: the model, and a measurement printed as one JSON line."""

import json
import resource
import sys
import time

SETTINGS = json.loads(sys.argv[1])


def llama(settings):
    """A Llama of the shape, with random weights."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.set_num_threads(settings["threads"])
    torch.manual_seed(0)
    shape = settings["model"]
    config = LlamaConfig(
        vocab_size=shape["vocab"],
        hidden_size=shape["hidden"],
        intermediate_size=shape["feed_forward"],
        num_hidden_layers=shape["layers"],
        num_attention_heads=shape["heads"],
        num_key_value_heads=shape["kv_heads"],
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
    )
    return LlamaForCausalLM(config)


def report(name, items, seconds, cpu_seconds):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(dict(name=name, items=items, seconds=seconds, cpu_seconds=cpu_seconds, peak_bytes=peak)))


def measure(name, work, repeats):
    """The best of the repeats of work, which gives the items done, after one to warm up."""
    work()
    best = None
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        items = work()
        seconds = time.perf_counter() - wall
        if best is None or seconds < best[1]:
            best = (items, seconds, time.process_time() - cpu)
    report(name, *best)
