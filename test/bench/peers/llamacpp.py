"""llama.cpp in fp32: the prompt is read once, its cache shared by all samples, which decode as one batch."""

import ctypes
import os
import tempfile

import numpy as np

import gguf
import llama_cpp as llama
from common import SETTINGS, measure

shape = SETTINGS["model"]
batch, prompt, new_tokens = SETTINGS["batch"], SETTINGS["prompt"], SETTINGS["new_tokens"]


def write_model(file):
    """Random weights in llama.cpp's format."""
    random = np.random.default_rng(0)
    head = shape["hidden"] // shape["heads"]
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_context_length(2048)
    writer.add_embedding_length(shape["hidden"])
    writer.add_block_count(shape["layers"])
    writer.add_feed_forward_length(shape["feed_forward"])
    writer.add_head_count(shape["heads"])
    writer.add_head_count_kv(shape["kv_heads"])
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(head)
    writer.add_vocab_size(shape["vocab"])
    writer.add_tokenizer_model("no_vocab")

    def matrix(name, rows, columns):
        writer.add_tensor(name, (random.standard_normal((rows, columns)) * columns**-0.5).astype(np.float32))

    def ones(name):
        writer.add_tensor(name, np.ones(shape["hidden"], np.float32))

    hidden, keys = shape["hidden"], shape["kv_heads"] * head
    matrix("token_embd.weight", shape["vocab"], hidden)
    ones("output_norm.weight")
    for layer in range(shape["layers"]):
        block = f"blk.{layer}"
        ones(f"{block}.attn_norm.weight")
        ones(f"{block}.ffn_norm.weight")
        matrix(f"{block}.attn_q.weight", hidden, hidden)
        matrix(f"{block}.attn_k.weight", keys, hidden)
        matrix(f"{block}.attn_v.weight", keys, hidden)
        matrix(f"{block}.attn_output.weight", hidden, hidden)
        matrix(f"{block}.ffn_gate.weight", shape["feed_forward"], hidden)
        matrix(f"{block}.ffn_up.weight", shape["feed_forward"], hidden)
        matrix(f"{block}.ffn_down.weight", hidden, shape["feed_forward"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


folder = tempfile.TemporaryDirectory()
model_file = os.path.join(folder.name, "model.gguf")
write_model(model_file)
quiet = llama.llama_log_callback(lambda level, text, data: None)
llama.llama_log_set(quiet, ctypes.c_void_p(0))
llama.llama_backend_init()
model = llama.llama_model_load_from_file(model_file.encode(), llama.llama_model_default_params())
params = llama.llama_context_default_params()
params.n_ctx = (prompt + new_tokens) * batch + prompt
params.n_batch = max(512, batch)
params.n_seq_max = batch
params.n_threads = params.n_threads_batch = SETTINGS["threads"]
params.type_k = params.type_v = 0  # F32
params.kv_unified = True
context = llama.llama_init_from_model(model, params)
memory = llama.llama_get_memory(context)
tokens = llama.llama_batch_init(max(512, batch), 0, 1)
sampler = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
llama.llama_sampler_chain_add(sampler, llama.llama_sampler_init_temp(1.0))
llama.llama_sampler_chain_add(sampler, llama.llama_sampler_init_dist(1))


def decode(entries):
    """entries: (token, position, sequence, whether its logits are wanted)."""
    tokens.n_tokens = len(entries)
    for i, (token, position, sequence, wanted) in enumerate(entries):
        tokens.token[i] = token
        tokens.pos[i] = position
        tokens.n_seq_id[i] = 1
        tokens.seq_id[i][0] = sequence
        tokens.logits[i] = wanted
    if llama.llama_decode(context, tokens) != 0:
        raise RuntimeError("llama_decode failed")


def work():
    llama.llama_memory_clear(memory, True)
    decode([(3 + 97 * i % (shape["vocab"] - 3), i, 0, i == prompt - 1) for i in range(prompt)])
    last = [llama.llama_sampler_sample(sampler, context, prompt - 1) for _ in range(batch)]
    for sequence in range(1, batch):
        llama.llama_memory_seq_cp(memory, 0, sequence, -1, -1)
    for step in range(new_tokens - 1):
        decode([(last[s], prompt + step, s, True) for s in range(batch)])
        last = [llama.llama_sampler_sample(sampler, context, s) for s in range(batch)]
    return batch * new_tokens


measure(f"llama.cpp ({llama.__name__} {llama.__version__})", work, SETTINGS["repeats"])
