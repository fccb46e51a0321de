// Causal attention with rotary positions (Su et al. 2021) and fewer heads for keys than for queries (Ainslie et al.
// 2023), within sequences that are packed one behind the other, as one node of the gradient graph. libtorch would need a
// rectangle, most of it filler when lengths differ, some fifteen nodes, and copies of the keys for each head.
#include "Node.hpp"
#include "Rotary.hpp"
#include "Softmax.hpp"

using namespace grove;

namespace {

/// Turns new keys and puts them in the cache, values too.
void remember(const Heads &heads, const gt_packing &packing, const at::Tensor &k, const at::Tensor &v,
              const float *table, const at::Tensor &keys, const at::Tensor &values) {
  const Packed from_keys(k, heads.size), from_values(v, heads.size);
  const Packed into_keys(keys.flatten(0, 1), heads.size), into_values(values.flatten(0, 1), heads.size);
  std::vector<float> some;
  for (size_t s = 0; s < packing.sequences(); s++) {
    const int64_t start = packing.starts[s], rows = packing.counts[s], past = packing.past[s],
                  row = packing.slots[s] * keys.size(1) + past;
    some.resize(heads.keys * rows * heads.size);
    from_keys.copy(start, rows, 0, heads.keys, some.data());
    turn_all(some.data(), table, heads, heads.keys, rows, past, 1);
    into_keys.write(row, rows, 0, heads.keys, some.data());
    from_values.copy(start, rows, 0, heads.keys, some.data());
    into_values.write(row, rows, 0, heads.keys, some.data());
  }
}

/// - Parameter keys, values: the cache, which has the new ones already; undefined: there is only what is new.
at::Tensor attend(const Heads &heads, const gt_packing &packing, const at::Tensor &q, const at::Tensor &k,
                  const at::Tensor &v, const float *table, const at::Tensor &keys, const at::Tensor &values) {
  auto result = at::empty(q.sizes(), q.options());
  const Packed queries(q, heads.size), new_keys(k, heads.size), new_values(v, heads.size), into(result, heads.size);
  std::vector<float> turned, weights, out;
  for (size_t s = 0; s < packing.sequences(); s++)
    for (int64_t head = 0; head < heads.keys; head++) {
      const int64_t start = packing.starts[s], rows = packing.counts[s], past = packing.past[s],
                    all = past + rows;
      Seen seen = keys.defined() ? Seen(heads, keys, values, packing.slots[s] * keys.size(1), all, head)
                                 : Seen(heads, new_keys, new_values, start, rows, head);
      if (!keys.defined()) turn_all(seen.keys.data(), table, heads, 1, rows, 0, 1);
      for (int64_t t = 0; t < rows; t += queries_at_once) {
        const Block block(heads, past, t, rows);
        const int64_t lines = heads.group() * block.count;
        turned.resize(lines * heads.size);
        queries.copy(start + t, block.count, head * heads.group(), heads.group(), turned.data());
        turn_all(turned.data(), table, heads, heads.group(), block.count, block.position, 1);
        weights.resize(lines * block.seen);
        weigh(heads, block, {turned.data(), heads.size}, {seen.k.data + block.from * seen.k.stride, seen.k.stride},
              weights.data());
        out.assign(lines * heads.size, 0);
        product({weights.data(), block.seen}, {seen.v.data + block.from * seen.v.stride, seen.v.stride},
                {out.data(), heads.size}, lines, block.seen, heads.size, 1);
        into.write(start + t, block.count, head * heads.group(), heads.group(), out.data());
      }
    }
  return result;
}

/// Scores are computed again on the way back: kept, they would be the largest of all that is kept in a long sequence.
struct RotaryAttention : Function<RotaryAttention> {
  static Variable forward(AutogradContext *context, const Variable &q, const Variable &k, const Variable &v,
                          const at::Tensor &table, const gt_packing *packing, const Heads &heads) {
    if (context) {
      context->save_for_backward({q, k, v, table});
      context->saved_data["starts"] = packing->starts;
      context->saved_data["counts"] = packing->counts;
      context->saved_data["heads"] =
          std::vector<int64_t>{heads.queries, heads.keys, heads.size, heads.window};
      context->saved_data["scale"] = static_cast<double>(heads.scale);
    }
    return attend(heads, *packing, q, k, v, table.data_ptr<float>(), {}, {});
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto &q = saved[0], &k = saved[1], &v = saved[2];
    const auto sizes = context->saved_data["heads"].toIntVector();
    const Heads heads{sizes[0], sizes[1], sizes[2], static_cast<float>(context->saved_data["scale"].toDouble()),
                      sizes[3]};
    const auto starts = context->saved_data["starts"].toIntVector(),
               counts = context->saved_data["counts"].toIntVector();
    auto dy = gradients[0].contiguous(), dq = at::empty(q.sizes(), q.options()), dk = at::empty(k.sizes(), k.options()),
         dv = at::empty(v.sizes(), v.options());
    const float *table = saved[3].data_ptr<float>();
    for (size_t s = 0; s < counts.size(); s++)
      for (int64_t head = 0; head < heads.keys; head++)
        back(heads, table, starts[s], counts[s], head, q, k, v, dy, dq, dk, dv);
    return {dq, dk, dv, Variable(), Variable(), Variable()};
  }

private:
  static void back(const Heads &heads, const float *table, int64_t start, int64_t rows, int64_t head,
                   const at::Tensor &q, const at::Tensor &k, const at::Tensor &v, const at::Tensor &dy,
                   const at::Tensor &dq, const at::Tensor &dk, const at::Tensor &dv) {
    const int64_t size = heads.size, group = heads.group();
    const Packed queries(q, size), above(dy, size), into_queries(dq, size), into_keys(dk, size), into_values(dv, size);
    Seen seen(heads, Packed(k, size), Packed(v, size), start, rows, head);
    turn_all(seen.keys.data(), table, heads, 1, rows, 0, 1);
    std::vector<float> dkeys(rows * size), dvalues(rows * size);
    for (int64_t t = 0; t < rows; t += queries_at_once) {
      const Block block(heads, 0, t, rows);
      const int64_t lines = group * block.count, from = block.from * size;
      std::vector<float> turned(lines * size), upper(lines * size), dturned(lines * size), weights(lines * block.seen),
          dweights(lines * block.seen);
      queries.copy(start + t, block.count, head * group, group, turned.data());
      turn_all(turned.data(), table, heads, group, block.count, block.position, 1);
      above.copy(start + t, block.count, head * group, group, upper.data());
      const Matrix x{turned.data(), size}, p{weights.data(), block.seen}, dp{dweights.data(), block.seen},
          up{upper.data(), size}, key{seen.keys.data() + from, size}, value{seen.values.data() + from, size};
      weigh(heads, block, x, key, weights.data());
      transposed_product(p, up, {dvalues.data() + from, size}, lines, block.seen, size, 1);
      product_transposed(up, value, dp, lines, block.seen, size, 1);
      for (int64_t r = 0; r < lines; r++)
        softmax_backward(p.data + r * block.seen, dp.data + r * block.seen, dp.data + r * block.seen, block.seen);
      product(dp, key, {dturned.data(), size}, lines, block.seen, size, heads.scale);
      transposed_product(dp, x, {dkeys.data() + from, size}, lines, block.seen, size, heads.scale);
      turn_all(dturned.data(), table, heads, group, block.count, block.position, -1);
      into_queries.write(start + t, block.count, head * group, group, dturned.data());
    }
    turn_all(dkeys.data(), table, heads, 1, rows, 0, -1);
    into_keys.write(start, rows, head, 1, dkeys.data());
    into_values.write(start, rows, head, 1, dvalues.data());
  }
};

/// The heads of a packed tensor, turned by the angles of their positions, by libtorch's operations.
at::Tensor turned(const at::Tensor &x, const Heads &heads, const gt_packing &packing, const at::Tensor &table) {
  const int64_t half = heads.size / 2;
  const auto angles = table.index_select(0, packing.position_of_row).unsqueeze(1);
  const auto cosines = angles.narrow(2, 0, half), sines = angles.narrow(2, half, half);
  const auto wide = x.reshape({x.size(0), -1, heads.size}).to(at::kFloat);
  const auto a = wide.narrow(2, 0, half), b = wide.narrow(2, half, half);
  return at::cat({a * cosines - b * sines, b * cosines + a * sines}, 2).reshape(x.sizes()).to(x.scalar_type());
}

/// What each place of the rectangle [sequences, 1, 1, most, keys] must not see. Its filler sees what a row of its
/// sequence does: with nothing to see, it would be no number.
at::Tensor hidden(const Heads &heads, const gt_packing &packing, int64_t keys) {
  const auto positions =
      packing.position_of_place.reshape({static_cast<int64_t>(packing.sequences()), 1, 1, packing.most, 1});
  const auto key = at::arange(keys, positions.options());
  auto hidden = key > positions;
  return heads.window > 0 ? hidden.logical_or(key <= positions - heads.window) : hidden;
}

/// The same on a device where libtorch's own kernels are the fast ones, as a rectangle.
at::Tensor attend_on_device(const Heads &heads, const gt_packing &packing, const at::Tensor &q, const at::Tensor &k,
                            const at::Tensor &v, const at::Tensor &table, const at::Tensor &keys,
                            const at::Tensor &values) {
  const int64_t sequences = packing.sequences(), most = packing.most, group = heads.group();
  auto new_keys = turned(k, heads, packing, table);
  at::Tensor seen_keys, seen_values;
  if (keys.defined()) {
    const auto cells = packing.slot_of_row * keys.size(1) + packing.position_of_row;
    keys.flatten(0, 1).index_copy_(0, cells, new_keys);
    values.flatten(0, 1).index_copy_(0, cells, v);
    seen_keys = keys.narrow(1, 0, packing.longest).index_select(0, packing.slot_of_sequence);
    seen_values = values.narrow(1, 0, packing.longest).index_select(0, packing.slot_of_sequence);
  } else {
    seen_keys = new_keys.index_select(0, packing.row_of_place);
    seen_values = v.index_select(0, packing.row_of_place);
  }
  // [sequences, heads of keys, heads of queries for each, places, size]
  auto split = [&](const at::Tensor &t, int64_t heads_each) {
    return t.reshape({sequences, -1, heads.keys, heads_each, heads.size}).permute({0, 2, 3, 1, 4});
  };
  const auto queries = split(turned(q, heads, packing, table).index_select(0, packing.row_of_place), group);
  auto scores = at::matmul(queries, split(seen_keys, 1).transpose(3, 4)).to(at::kFloat) * heads.scale;
  scores = scores.masked_fill(hidden(heads, packing, scores.size(4)), -INFINITY);
  const auto out = at::matmul(at::softmax(scores, -1).to(v.scalar_type()), split(seen_values, 1));
  return out.permute({0, 3, 1, 2, 4}).reshape({sequences * most, -1}).index_select(0, packing.place_of_row);
}

void check(const Heads &heads, const gt_packing &packing, const at::Tensor &q, const at::Tensor &k, const at::Tensor &v,
           const at::Tensor &table) {
  TORCH_CHECK(heads.keys > 0 && heads.queries % heads.keys == 0 && q.dim() == 2 && q.size(1) % heads.queries == 0 &&
                  heads.size % 2 == 0 && k.dim() == 2 && k.size(1) == heads.keys * heads.size && v.sizes() == k.sizes(),
              "attention of ", heads.queries, " heads of queries ", q.sizes(), " to ", heads.keys, " of keys ",
              k.sizes(), " and values ", v.sizes());
  TORCH_CHECK(q.size(0) == packing.rows && k.size(0) == packing.rows, "sequences of ", packing.rows,
              " tokens in all for queries ", q.sizes(), " and keys ", k.sizes());
  TORCH_CHECK(table.dim() == 2 && table.size(1) == heads.size && table.scalar_type() == at::kFloat, "angles of ",
              table.sizes(), " for heads of ", heads.size);
  TORCH_CHECK(packing.longest <= table.size(0), "a sequence of ", packing.longest,
              " tokens, and there are positions for ", table.size(0));
}

void check_cache(const gt_packing &packing, const at::Tensor &k, const at::Tensor &keys, const at::Tensor &values) {
  TORCH_CHECK(keys.dim() == 3 && keys.sizes() == values.sizes() && keys.size(2) == k.size(1) && keys.is_contiguous() &&
                  values.is_contiguous() && keys.scalar_type() == k.scalar_type(),
              "a cache of ", keys.sizes(), " for keys ", k.sizes());
  TORCH_CHECK(packing.longest <= keys.size(1), "a sequence of ", packing.longest, " tokens in a cache for ",
              keys.size(1));
  for (auto slot : packing.slots) TORCH_CHECK(slot < keys.size(0), "slot ", slot, " of a cache of ", keys.size(0));
}

} // namespace

extern "C" {

gt_tensor *gt_rotary_attention(const gt_tensor *queries, const gt_tensor *new_keys, const gt_tensor *new_values,
                               const gt_packing *packing, const gt_tensor *angles, gt_tensor *keys, gt_tensor *values,
                               int heads, int key_heads, double scale, int64_t window) {
  return tensor([&] {
    together("attention", {queries, new_keys, new_values, angles, keys, values});
    auto q = queries->value.contiguous(), k = new_keys->value.contiguous(), v = new_values->value.contiguous();
    TORCH_CHECK(heads > 0 && q.dim() == 2, "attention of ", heads, " heads of queries ", q.sizes());
    const Heads shape{heads, key_heads, q.size(1) / heads, static_cast<float>(scale), window};
    check(shape, *packing, q, k, v, angles->value);
    TORCH_CHECK(q.device().type() == packing->device.type(), "sequences packed for ", packing->device,
                " and queries on ", q.device());
    TORCH_CHECK(!keys == !values, "a cache of keys needs one of values");
    if (keys) {
      TORCH_CHECK(!c10::GradMode::is_enabled(), "nothing is learned through a cache");
      check_cache(*packing, k, keys->value, values->value);
    } else {
      for (auto past : packing->past) TORCH_CHECK(past == 0, "sequences that go on need a cache");
    }
    const auto cached_keys = keys ? keys->value : at::Tensor(), cached_values = values ? values->value : at::Tensor();
    if (!q.is_cpu()) return attend_on_device(shape, *packing, q, k, v, angles->value, cached_keys, cached_values);
    check_numbers("attention", {q, k, v});
    if (!keys) return result<RotaryAttention>(q, k, v, angles->value, packing, shape);
    remember(shape, *packing, k, v, angles->value.data_ptr<float>(), cached_keys, cached_values);
    return attend(shape, *packing, q, k, v, angles->value.data_ptr<float>(), cached_keys, cached_values);
  });
}

} // extern "C"
