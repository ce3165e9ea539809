"""Makes test/golden: small reference values from PyTorch and Hugging Face libraries. Run it on a CPU:

    pip install -r scripts/golden/requirements.txt
    python scripts/golden/make.py

The models are random (seeds below) and tiny; nothing is downloaded. test/golden/README.md describes the files.
"""

import json
import platform
import shutil
from importlib.metadata import version
from pathlib import Path

import torch

from golden_completions import make_completions
from golden_configs import make_configs, make_examples
from golden_compositions import make_compositions
from golden_gguf import make_gguf
from golden_gguf_families import make_families
from golden_losses import make_losses
from golden_models import FAMILIES, make_family, make_model
from golden_parquet import make_parquet
from golden_statistics import make_statistics
from golden_templates import make_templates
from golden_tokens import make_tokens
from golden_tokenizers import byte_level_tokenizer, character_tokenizer, tokenizer_values
from golden_train import make_train
from golden_train_families import make_train_families

OUT = Path(__file__).resolve().parents[2] / "test" / "golden"
EXAMPLES = OUT.parents[1] / "examples" / "extensions" / "family"
LIBRARIES = ("torch", "transformers", "tokenizers", "safetensors", "gguf", "numpy", "trl")


def main() -> None:
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    for part in ("models", "configs", "train", "train-families", "gguf"):
        shutil.rmtree(OUT / part, ignore_errors=True)
    characters, words = character_tokenizer(), byte_level_tokenizer()
    make_model(OUT / "models" / "untied", seed=11, tokenizer=characters, layout="v5", dtype=torch.float32)
    make_model(OUT / "models" / "tied-llama3-rope", seed=12, tokenizer=words, layout="v4", dtype=torch.bfloat16)
    make_model(OUT / "models" / "linear-rope", seed=13, tokenizer=characters, layout="v5", dtype=torch.float16)
    for offset, name in enumerate(FAMILIES):
        make_family(OUT / "models" / name, seed=41 + offset, tokenizer=characters)
    for name in ("untied", "tied-llama3-rope"):
        tokenizer_values(OUT / "models" / name)
    make_train(OUT / "train", OUT / "models" / "untied", seed=21)
    make_losses(OUT / "losses", seed=81)
    make_completions(OUT / "losses", seed=111)
    make_tokens(OUT / "losses", seed=121)
    make_gguf(OUT / "gguf", seed=31, tokenizer=words)
    make_families(OUT / "gguf" / "families", seed=71, tokenizer=words)
    make_configs(OUT / "configs", seed=61)
    make_examples(EXAMPLES, seed=91, tokenizer=characters)
    make_train_families(OUT / "train-families", seed=101)
    make_compositions(OUT / "tokenizers")
    make_templates(OUT / "templates")
    make_parquet(OUT / "parquet")
    make_statistics(OUT / "statistics", seed=51)
    versions = {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}
    (OUT / "versions.json").write_text(json.dumps(versions, indent=1) + "\n")


if __name__ == "__main__":
    main()
