"""Writes a small model in GGUF whose tensors are random blocks of every type, and what gguf makes of them."""

import sys

import gguf
import numpy as np

folder = sys.argv[1]
random = np.random.default_rng(1)
types = ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K"]
width, forward, words, heads, shared, layers = 256, 512, 64, 4, 2, 2

writer = gguf.GGUFWriter(f"{folder}/blocks.gguf", "llama")
writer.add_context_length(128)
writer.add_embedding_length(width)
writer.add_block_count(layers)
writer.add_feed_forward_length(forward)
writer.add_head_count(heads)
writer.add_head_count_kv(shared)
writer.add_layer_norm_rms_eps(1e-5)

drawn = 0


def add(name, stored, shape, turned=0):
    """A tensor of the next type; turned: by how many heads."""
    global drawn  # as they come
    kind = gguf.GGMLQuantizationType[types[drawn % len(types)] if len(shape) == 2 else "F32"]
    drawn += len(shape) == 2
    numbers, size = gguf.GGML_QUANT_SIZES[kind]
    raw = random.integers(0, 256, (*shape[:-1], shape[-1] // numbers * size), dtype=np.uint8)
    values = gguf.quants.dequantize(raw, kind).reshape(shape)
    writer.add_tensor(stored, raw, raw_dtype=kind)
    if turned:
        half = shape[0] // turned // 2
        values = values.reshape(turned, half, 2, shape[1]).swapaxes(1, 2).reshape(shape)
    np.ascontiguousarray(values, "<f4").tofile(f"{folder}/{name}.f32")


add("model.embed_tokens.weight", "token_embd.weight", (words, width))
for layer in range(layers):
    ours, theirs = f"model.layers.{layer}", f"blk.{layer}"
    add(f"{ours}.input_layernorm.weight", f"{theirs}.attn_norm.weight", (width,))
    add(f"{ours}.self_attn.q_proj.weight", f"{theirs}.attn_q.weight", (width, width), heads)
    add(f"{ours}.self_attn.k_proj.weight", f"{theirs}.attn_k.weight", (width // 2, width), shared)
    add(f"{ours}.self_attn.v_proj.weight", f"{theirs}.attn_v.weight", (width // 2, width))
    add(f"{ours}.self_attn.o_proj.weight", f"{theirs}.attn_output.weight", (width, width))
    add(f"{ours}.post_attention_layernorm.weight", f"{theirs}.ffn_norm.weight", (width,))
    add(f"{ours}.mlp.gate_proj.weight", f"{theirs}.ffn_gate.weight", (forward, width))
    add(f"{ours}.mlp.up_proj.weight", f"{theirs}.ffn_up.weight", (forward, width))
    add(f"{ours}.mlp.down_proj.weight", f"{theirs}.ffn_down.weight", (width, forward))
add("model.norm.weight", "output_norm.weight", (width,))
add("lm_head.weight", "output.weight", (words, width))
assert drawn >= len(types)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
