/* libtorch in plain C: what Grove's models need. Every function that can fail returns NULL or a code other than 0 and
   leaves its message in gt_error(), which belongs to the calling thread until its next failure.

   The functions are in a library of their own, libGroveTorch.so, that is loaded when the first is needed: libtorch takes
   half a second to load, and most commands need no tensors. They are called through gt_functions. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A function for each kind of processor, of which the present one's is taken. */
#if defined(__x86_64__) && defined(__clang__)
#define GROVE_VECTORISED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define GROVE_VECTORISED
#endif

typedef struct gt_tensor gt_tensor;

const char *gt_error(void);
/* Has the calling thread compute with so many threads, and the process keep its memory; call it early. */
void gt_start(int threads);
/* The BLAS that this process calls: its own description, "" if it has none. kind: 0 unknown or reference, 1 OpenBLAS
   sequential, 2 OpenBLAS pthread, 3 OpenBLAS OpenMP, 4 MKL. */
const char *gt_blas(int *kind);
/* Switches the recording of gradients for this thread; returns what it was. */
bool gt_set_recording(bool on);

gt_tensor *gt_floats(const float *values, const int64_t *shape, int rank, const char *device);
gt_tensor *gt_tokens(const int32_t *values, const int64_t *shape, int rank, const char *device);
gt_tensor *gt_zeros(const int64_t *shape, int rank, const char *device);
void gt_free(gt_tensor *);
int gt_rank(const gt_tensor *);
int64_t gt_size(const gt_tensor *, int dimension);
int gt_read_floats(const gt_tensor *, float *into, int64_t count);
int gt_overwrite(gt_tensor *, const float *values);
/* Fills it with zeros. */
int gt_clear(gt_tensor *);
gt_tensor *gt_copy(const gt_tensor *);
/* Adds other numbers to its own. */
int gt_add_to(gt_tensor *, const gt_tensor *other);
int gt_read_tokens(const gt_tensor *, int32_t *into, int64_t count);

/* A leaf of `shape` at `offset` of the flat vector `values`, whose gradient accumulates at that offset of `gradients`;
   without those, a view that nothing is learned through. */
gt_tensor *gt_parameter(gt_tensor *values, gt_tensor *gradients, int64_t offset, const int64_t *shape, int rank);
/* The address of a contiguous float tensor's numbers on the CPU; NULL otherwise. */
float *gt_data(gt_tensor *);
/* Overwrites `into` from `start` on along its second dimension, as does a key and value cache. */
int gt_write(gt_tensor *into, int64_t start, const gt_tensor *from);

gt_tensor *gt_add(const gt_tensor *, const gt_tensor *);
gt_tensor *gt_reshape(const gt_tensor *, const int64_t *shape, int rank);
gt_tensor *gt_narrow(const gt_tensor *, int dimension, int64_t start, int64_t count);
gt_tensor *gt_concatenate(gt_tensor *const *, int count, int dimension);
gt_tensor *gt_select_rows(const gt_tensor *, const gt_tensor *rows);
gt_tensor *gt_embedding(const gt_tensor *table, const gt_tensor *tokens);
gt_tensor *gt_layer_norm(const gt_tensor *x, const gt_tensor *scale, const gt_tensor *shift);
gt_tensor *gt_argmax(const gt_tensor *);

/* z weightT + bias + around: x [..., in], weight [out, in], bias [out], around [..., out] or NULL; z is x, or its layer
   norm (epsilon 1e-5) if scale and shift [in] are not NULL, or else max(x, 0) if rectified. One node of the gradient
   graph. */
gt_tensor *gt_affine(const gt_tensor *x, const gt_tensor *scale, const gt_tensor *shift, bool rectified,
                     const gt_tensor *weight, const gt_tensor *bias, const gt_tensor *around);
/* Which tokens of a [B, n, i] and b [B, m, j] are the same and not 0: [B, n, m] words of 64 bits, of which bit j x + y
   says it of the x-th and y-th. At most 64 pairs. */
gt_tensor *gt_matches(const gt_tensor *a, const gt_tensor *b);
/* The sum of the weights [heads, bits] of the bits that are set in matches [B, n, m]: [B, heads, n, m]. One node of the
   gradient graph. */
gt_tensor *gt_match_scores(const gt_tensor *matches, const gt_tensor *weights);
/* Multi-head attention: q [B, n, d]; kv [B, m, 2d], the keys and then the values; d is split evenly into heads; the
   result is [B, n, d]. extra [B, heads, n, m] or NULL is added to the scores before the softmax. causal: query i sees
   keys 0 ... i + m - n. One node of the gradient graph. */
gt_tensor *gt_attention(const gt_tensor *q, const gt_tensor *kv, const gt_tensor *extra, int heads, bool causal);
/* q kT / sqrt(d): q [B, n, d], k [B, m, d]; the result is [B, n, m]. One node of the gradient graph. */
gt_tensor *gt_pointer_scores(const gt_tensor *q, const gt_tensor *k);

/* The logarithm of a mixture of one generated and c copied distributions over the vocabulary:
     p = m0 softmax(generate) + sum_i m_i sum_f softmax(pointer)_f [candidates_fi = token],   m = softmax(mix)
   generate [B, n, V], pointer [B, n, F], mix [B, n, 1 + c], candidates [B, F, c] tokens; the result is log(p + 1e-30),
   [B, n, V]. causal: position i sees candidates 0 ... i + F - n. One node of the gradient graph. */
gt_tensor *gt_copy_mixture(const gt_tensor *generate, const gt_tensor *pointer, const gt_tensor *mix,
                           const gt_tensor *candidates, bool causal);
/* -sum_r weight_r log_probability[r, target_r] over all rows r, a scalar; targets and weights have one entry a row. */
gt_tensor *gt_negative_log_likelihood(const gt_tensor *log_probability, const gt_tensor *targets,
                                      const gt_tensor *weights);
/* log_probability[r, target_r] of every row r. */
gt_tensor *gt_chosen(const gt_tensor *log_probability, const gt_tensor *targets);
int gt_backward(gt_tensor *scalar);

/* Language models, whose numbers are 32-bit floats or bfloat16. */
enum { gt_float32 = 0, gt_bfloat16 = 1 };
/* A tensor over memory of somebody else's on the CPU, which is read only; release(owner) is called when it is the last.
   NULL: it was not called. */
gt_tensor *gt_borrowed(const void *numbers, int type, const int64_t *shape, int rank, void (*release)(void *),
                       void *owner);
gt_tensor *gt_zeros_of(const int64_t *shape, int rank, int type, const char *device);
/* The same numbers as another type on a device; the tensor itself if it is so already. */
gt_tensor *gt_converted(const gt_tensor *, int type, const char *device);
/* One of the types; -1: another. */
int gt_type(const gt_tensor *);
gt_tensor *gt_scaled(const gt_tensor *, double factor);
/* gain x / sqrt(mean x^2 + epsilon) of each row of x [..., d]; gain [d] is of 32-bit floats. One node of the gradient
   graph. */
gt_tensor *gt_rms_norm(const gt_tensor *x, const gt_tensor *gain, double epsilon);
/* x weightT + bias + scale (x downT) upT + around: x [n, in], weight [out, in], bias [out] or NULL, down [r, in] and
   up [out, r] of 32-bit floats or both NULL, around [n, out] or NULL. One node of the gradient graph. */
gt_tensor *gt_low_rank_linear(const gt_tensor *x, const gt_tensor *weight, const gt_tensor *bias, const gt_tensor *down,
                              const gt_tensor *up, double scale, const gt_tensor *around);
/* weight + scale up down, of the weight's type. */
gt_tensor *gt_merged(const gt_tensor *weight, const gt_tensor *down, const gt_tensor *up, double scale);
/* act(gate) up, where act is SiLU or GELU by tanh. One node of the gradient graph. */
gt_tensor *gt_gated(const gt_tensor *gate, const gt_tensor *up, bool is_gelu);

/* Sequences one behind the other: how many tokens each has that are new, how many come before them in a cache, and in
   which of its slots. */
typedef struct gt_packing gt_packing;
gt_packing *gt_pack(const int64_t *counts, const int64_t *past, const int64_t *slots, int64_t sequences,
                    const char *device);
void gt_unpack(gt_packing *);
/* Causal attention within packed sequences: queries [n, heads size], new keys and values [n, key_heads size]. Pairs of
   numbers half a head apart, of queries and keys, are turned by angles [positions, size]: the cosines of each position,
   and then its sines. window: how many positions are seen, 0: all. keys, values: a cache [slots, length, key_heads size]
   that the new ones are added to, or NULL. The result is [n, heads size]. One node of the gradient graph; with a cache,
   none. */
gt_tensor *gt_rotary_attention(const gt_tensor *queries, const gt_tensor *new_keys, const gt_tensor *new_values,
                               const gt_packing *, const gt_tensor *angles, gt_tensor *keys, gt_tensor *values,
                               int heads, int key_heads, double scale, int64_t window);
/* x wordsT as 32-bit floats: x [n, d], words [V, d]. */
gt_tensor *gt_logits(const gt_tensor *x, const gt_tensor *words);
/* log softmax(x wordsT)[r, target_r] of every row r. One node of the gradient graph. */
gt_tensor *gt_log_likelihoods(const gt_tensor *x, const gt_tensor *words, const gt_tensor *targets);
/* log softmax of the last dimension. */
gt_tensor *gt_log_softmax(const gt_tensor *);
/* A word of each row of logits [n, V], drawn from softmax(logits / temperature) by a number uniform in 0 ..< 1 for each. */
gt_tensor *gt_draw(const gt_tensor *logits, double temperature, const gt_tensor *uniforms);

/* A step of Muon (Jordan et al. 2024) on a matrix: `size` times an orthogonal matrix. gradient is multiplied by `scale`
   first, average is its moving average. */
int gt_muon(float *values, const float *gradient, float *average, int64_t rows, int64_t columns, float scale, float size,
            float momentum);
/* Scales the gradient down to the norm `clip` if it is longer. */
int gt_clip_on_device(gt_tensor *gradient, float clip);
/* gt_muon(), and gt_adam() and gt_average(), below, with libtorch's operations, on whatever device the flat tensors are
   on, of which `start` says where the matrix begins, or what Adam moves. */
int gt_muon_on_device(gt_tensor *values, const gt_tensor *gradient, gt_tensor *average, int64_t start, int64_t rows,
                      int64_t columns, float size, float momentum);
int gt_adam_on_device(gt_tensor *values, const gt_tensor *gradient, gt_tensor *first, gt_tensor *second, int64_t start,
                      int64_t count, float rate, float beta1, float beta2, float epsilon, int64_t step);
int gt_average_on_device(gt_tensor *average, const gt_tensor *values, float weight);

/* All functions so far: those of the library. */
#define GT_FUNCTIONS(F) \
  F(error) F(start) F(blas) F(set_recording) F(floats) F(tokens) F(zeros) F(free) F(rank) F(size) F(read_floats) \
  F(overwrite) F(clear) F(copy) F(add_to) F(read_tokens) F(parameter) F(data) F(write) F(add) F(reshape) F(narrow) \
  F(concatenate) F(select_rows) F(embedding) F(layer_norm) F(argmax) F(affine) F(matches) F(match_scores) \
  F(attention) F(pointer_scores) F(copy_mixture) F(negative_log_likelihood) F(chosen) F(backward) F(muon) \
  F(clip_on_device) F(muon_on_device) F(adam_on_device) F(average_on_device) F(borrowed) F(zeros_of) F(converted) \
  F(type) F(scaled) F(rms_norm) F(low_rank_linear) F(merged) F(gated) F(pack) F(unpack) F(rotary_attention) F(logits) F(log_likelihoods) F(log_softmax) F(draw)
#define GT_POINTER(name) __typeof__(gt_##name) *name;
typedef struct {
  GT_FUNCTIONS(GT_POINTER)
} gt_functions;
#undef GT_POINTER

/* The functions, once the library is loaded; NULL, and in reason why, if it can't be. */
const gt_functions *gt_load(const char **reason);

/* Plain vectors, which need no libtorch. */
void gt_vector_add(float *into, const float *other, int64_t count);
double gt_vector_square_sum(const float *, int64_t count);
/* Adam (Kingma & Ba 2015) with bias correction; gradient is multiplied by `scale` first. step counts from 1. */
void gt_adam(float *values, const float *gradient, float *first, float *second, int64_t count, float scale, float rate,
             float beta1, float beta2, float epsilon, int64_t step);
/* average += weight (values - average) */
void gt_average(float *average, const float *values, int64_t count, float weight);

#ifdef __cplusplus
}
#endif
