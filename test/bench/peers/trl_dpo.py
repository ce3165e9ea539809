"""TRL's DPOTrainer on the pairs of a JSON Lines file: the policy and a reference model, each completion once per pair.

The loss is sigmoid DPO + NLL as in arXiv 2404.19733. TRL averages the NLL over the tokens of a batch and not over those of each
sequence, which takes the same work.
"""

import copy
import tempfile
import time

import trl
from common import SETTINGS, llama, report
from datasets import load_dataset
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast, TrainerCallback

WARM_UP_STEPS = 2


class TokenizedTrainer(trl.DPOTrainer):
    """The pairs are token ids already."""

    def _prepare_dataset(self, dataset, *_):
        return dataset


class StepClock(TrainerCallback):
    """Times of the steps behind the warm-up."""

    def __init__(self):
        self.steps = 0

    def on_step_end(self, args, state, control, **_):
        self.steps = state.global_step - WARM_UP_STEPS
        if self.steps == 0:
            self.started = (time.perf_counter(), time.process_time())
        self.ended = (time.perf_counter(), time.process_time())


def train(model):
    """One epoch; gives the clock of its steps."""
    vocabulary = {f"t{token}": token for token in range(8)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="t0"))
    pairs_a_step = SETTINGS["batch"] * SETTINGS["pairs"]
    with tempfile.TemporaryDirectory() as folder:
        arguments = trl.DPOConfig(
            output_dir=folder,
            per_device_train_batch_size=pairs_a_step,
            num_train_epochs=1,
            learning_rate=1e-6,
            lr_scheduler_type="constant",
            weight_decay=0.01,
            max_grad_norm=1.0,
            beta=0.1,
            loss_type=["sigmoid", "sft"],
            loss_weights=[1.0, 1.0],
            max_length=None,
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            dataloader_pin_memory=False,
        )
        clock = StepClock()
        TokenizedTrainer(
            model=model,
            ref_model=copy.deepcopy(model),
            args=arguments,
            train_dataset=load_dataset("json", data_files=SETTINGS["pairs_file"], split="train", cache_dir=folder),
            processing_class=PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="t0", eos_token="t2"),
            callbacks=[clock],
        ).train()
    return clock


def main():
    clock = train(llama(SETTINGS))
    pairs_a_step = SETTINGS["batch"] * SETTINGS["pairs"]
    wall, cpu = (end - start for end, start in zip(clock.ended, clock.started))
    report(f"TRL {trl.__version__} DPOTrainer", clock.steps * pairs_a_step, wall, cpu)


if __name__ == "__main__":
    main()
