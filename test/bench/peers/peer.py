"""The peer of `npm run bench`: Hugging Face generate and PyTorch eager training at the same shape, one JSON line out.

usage: peer.py sample|train SHAPE_JSON
SHAPE_JSON: layers, hidden, heads, kv_heads, feed_forward, vocab, threads, and
  sample: batch, prompt, new_tokens, repeats;  train: batch, length, repeats
"""

import json
import sys
import time

import torch
import transformers
from transformers import LlamaConfig, LlamaForCausalLM


def build(shape):
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=shape["vocab"],
        hidden_size=shape["hidden"],
        intermediate_size=shape["feed_forward"],
        num_hidden_layers=shape["layers"],
        num_attention_heads=shape["heads"],
        num_key_value_heads=shape["kv_heads"],
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
    )
    return LlamaForCausalLM(config)


def timed(work, repeats):
    """Best wall time of the repeats, after one to warm up; and CPU seconds of that repeat."""
    work()
    best = (float("inf"), 0.0)
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        best = min(best, (time.perf_counter() - wall, time.process_time() - cpu))
    return best


def sample(shape):
    model = build(shape).eval()
    prompt = torch.randint(3, shape["vocab"], (1, shape["prompt"]))
    generate = dict(do_sample=True, top_k=0, temperature=1.0, num_return_sequences=shape["batch"])
    count = dict(min_new_tokens=shape["new_tokens"], max_new_tokens=shape["new_tokens"])

    @torch.inference_mode()
    def work():
        mask = torch.ones_like(prompt)
        model.generate(prompt, attention_mask=mask, **generate, **count)

    return shape["batch"] * shape["new_tokens"], timed(work, shape["repeats"])


def train(shape):
    model = build(shape).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.01, fused=True)
    ids = torch.randint(3, shape["vocab"], (shape["batch"], shape["length"]))

    def work():
        model(input_ids=ids, labels=ids).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return shape["batch"] * shape["length"], timed(work, shape["repeats"])


def main():
    mode, shape = sys.argv[1], json.loads(sys.argv[2])
    torch.set_num_threads(shape["threads"])
    tokens, (wall, cpu) = {"sample": sample, "train": train}[mode](shape)
    print(
        json.dumps(
            {
                "peer": f"PyTorch {torch.__version__}, Transformers {transformers.__version__}",
                "tokens": tokens,
                "seconds": wall,
                "cpu_seconds": cpu,
                "tokens_per_second": tokens / wall,
            }
        )
    )


main()
