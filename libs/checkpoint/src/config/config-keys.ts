import { unimplemented } from '@hone/errors';
import { shown, type ConfigFields } from './config-fields.ts';

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/**
 * Keys of config.json that change no logit of a causal language model of ours: what Transformers' PretrainedConfig has for other
 * tasks and for output, how weights are stored and initialised, dropout (nothing is dropped here; TRL's preference trainers turn it off too),
 * settings of sampling, and the notes that tools and trainers leave.
 */
const HARMLESS = new Set(
  words(`
    _name_or_path name_or_path _commit_hash _from_model_config _flash_attn_2_enabled transformers_version architectures auto_map
    custom_pipelines transformers.js_config torch_dtype dtype torchscript use_bfloat16 bf16 fp16 tf_legacy_loss
    initializer_range initializer_std init_std use_cache pretraining_tp is_llama_config chunk_size_feed_forward
    gradient_checkpointing use_flash_attention use_flash_attn use_flash_attention_2 use_sdpa attn_implementation
    output_hidden_states output_attentions output_past return_dict tie_last_hidden_states is_decoder keys_to_ignore_at_inference
    finetuning_task id2label label2id num_labels problem_type task_specific_params classifier_dropout
    summary_type summary_use_proj summary_activation summary_proj_to_labels summary_first_dropout summary_last_dropout
    attention_dropout attention_probs_dropout_prob attn_dropout attn_pdrop embd_pdrop embedding_dropout hidden_dropout
    hidden_dropout_prob resid_dropout resid_pdrop residual_dropout dropout
    bos_token_id eos_token_id pad_token_id sep_token_id unk_token_id decoder_start_token_id bos_token eos_token pad_token
    prefix tokenizer_class tokenizer_padding_side tokenizer_model_max_length model_max_length max_seq_length max_seq_len
    seq_length max_sequence_length n_ctx
    max_length min_length max_new_tokens min_new_tokens max_time stop_strings do_sample early_stopping num_beams num_beam_groups
    temperature top_k top_p top_h min_p typical_p epsilon_cutoff eta_cutoff repetition_penalty encoder_repetition_penalty length_penalty
    diversity_penalty penalty_alpha no_repeat_ngram_size encoder_no_repeat_ngram_size bad_words_ids force_words_ids
    num_return_sequences output_scores output_logits return_dict_in_generate forced_bos_token_id forced_eos_token_id
    remove_invalid_values exponential_decay_length_penalty suppress_tokens begin_suppress_tokens sequence_bias
    renormalize_logits low_memory guidance_scale watermarking_config cache_implementation cache_config return_legacy_cache
    prompt_lookup_num_tokens max_matching_ngram_size assistant_confidence_threshold num_assistant_tokens
    num_assistant_tokens_schedule assistant_early_exit assistant_lookbehind target_lookbehind is_assistant token_healing
    prefill_chunk_size compile_config disable_compile
    license language library_name pipeline_tag tags datasets base_model model_name
  `),
);

/** Notes by their form: `unsloth_fixed`, `trl_version`, `_attn_implementation_autoset`. */
const HARMLESS_FORMS = /^(unsloth_|_attn_implementation)|_version$/;

/** Text under any other name is a note, but where the name speaks of a part of the model: `norm_type`, `position_embedding_type`. */
const NAMES_A_PART =
  /(^|_)act(_|$)|activation|attention|attn|bias|embed|ffn|head|layer|mask|mlp|norm|position|quant|rope|rotary|scal|softmax|window/i;

/** Whether a value switches something on that may compute. */
function maySwitch(name: string, value: unknown): boolean {
  if (value === null || value === false) return false;
  if (typeof value === 'string') return NAMES_A_PART.test(name);
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

/**
 * Refuses a config with a key that could change the model's numbers and that Hone does not know: what was not asked for, is not
 * known to be harmless, and is neither null, nor false, nor empty, nor a note.
 */
export function requireKnownKeys(fields: ConfigFields): void {
  for (const [name, value] of fields.others()) {
    if (HARMLESS.has(name) || HARMLESS_FORMS.test(name) || !maySwitch(name, value)) continue;
    throw unimplemented(
      `${fields.file}: ${name} is ${shown(value)}, a key that Hone does not know and that may change the model's numbers: ` +
        'remove it if the model computes the same without it',
    );
  }
}

/** Keys under which tools say that the weights are quantised, and the fields there that name the method. */
const QUANTISATION = ['quantization_config', 'compression_config', 'quantization'];
const METHODS = ['quant_method', 'quantization_method', 'format', 'mode'];

/** Refuses quantised weights by the name of their method. */
export function refuseQuantized(fields: ConfigFields): void {
  for (const key of QUANTISATION) {
    const settings = fields.nested(key);
    if (!settings || settings.isEmpty) continue;
    const method = METHODS.find((name) => settings.has(name));
    const by = method ? ` (${method} ${shown(settings.value(method))})` : '';
    throw unimplemented(
      `${fields.file}: ${key}: the weights are quantised${by}, and Hone reads F32, F16 and BF16: ` +
        'use the model that they were made from, or save them de-quantised',
    );
  }
}
