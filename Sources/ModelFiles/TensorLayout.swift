/// A tensor that a model of some configuration has, by Hugging Face's name and by GGUF's.
package struct ExpectedTensor: Equatable {
  package var name: String
  package var ggufName: String
  /// Row-major.
  package var shape: [Int]
  /// GGUF files of this family keep the rows of each head in another order, of which pairs of neighbours turn.
  package var turnsNeighbours = false
  /// The factors of a norm, which Gemma's safetensors files keep less one.
  package var isNorm = false
}

extension DecoderConfiguration {
  /// All tensors of the model, from the embeddings to the last layer.
  package var tensors: [ExpectedTensor] {
    var all = [
      ExpectedTensor(name: "model.embed_tokens.weight", ggufName: "token_embd.weight", shape: [vocabulary, width])
    ]
    for layer in 0..<layers { all += tensors(ofLayer: layer) }
    all.append(ExpectedTensor(name: "model.norm.weight", ggufName: "output_norm.weight", shape: [width], isNorm: true))
    if !isTied {
      all.append(ExpectedTensor(name: "lm_head.weight", ggufName: "output.weight", shape: [vocabulary, width]))
    }
    return all
  }

  private func tensors(ofLayer layer: Int) -> [ExpectedTensor] {
    func tensor(_ name: String, _ ggufName: String, _ shape: [Int], isNorm: Bool = false) -> ExpectedTensor {
      ExpectedTensor(
        name: "model.layers.\(layer).\(name)", ggufName: "blk.\(layer).\(ggufName)", shape: shape,
        turnsNeighbours: family == .llama && (ggufName.hasPrefix("attn_q.") || ggufName.hasPrefix("attn_k.")),
        isNorm: isNorm)
    }
    func norm(_ name: String, _ ggufName: String, _ width: Int) -> ExpectedTensor {
      tensor("\(name).weight", "\(ggufName).weight", [width], isNorm: true)
    }
    let (queries, keys) = (heads * headWidth, keyValueHeads * headWidth)
    var all = [norm("input_layernorm", "attn_norm", width)]
    for (letter, rows) in [("q", queries), ("k", keys), ("v", keys)] {
      all.append(tensor("self_attn.\(letter)_proj.weight", "attn_\(letter).weight", [rows, width]))
      if hasBiases { all.append(tensor("self_attn.\(letter)_proj.bias", "attn_\(letter).bias", [rows])) }
    }
    all.append(tensor("self_attn.o_proj.weight", "attn_output.weight", [width, queries]))
    if family == .gemma3 {
      all += [
        norm("self_attn.q_norm", "attn_q_norm", headWidth), norm("self_attn.k_norm", "attn_k_norm", headWidth),
        norm("post_attention_layernorm", "post_attention_norm", width),
        norm("pre_feedforward_layernorm", "ffn_norm", width),
      ]
    } else {
      all.append(norm("post_attention_layernorm", "ffn_norm", width))
    }
    all += [
      tensor("mlp.gate_proj.weight", "ffn_gate.weight", [feedForward, width]),
      tensor("mlp.up_proj.weight", "ffn_up.weight", [feedForward, width]),
      tensor("mlp.down_proj.weight", "ffn_down.weight", [width, feedForward]),
    ]
    if family == .gemma3 { all.append(norm("post_feedforward_layernorm", "post_ffw_norm", width)) }
    return all
  }
}
