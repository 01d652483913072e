using System.Text.Json.Nodes;

namespace Flambeau.Conformance;

// Of torch.nn.functional. Where PyTorch's bfloat16 is coarser than Flambeau's, the absolute tolerance is the largest error that PyTorch
// itself makes against float64, on inputs like the recorded ones (in [−9, 9]).
static partial class OpsTolerances
{
    const string Norms = "PyTorch 1.13 rounds a normalization's factors and summands to bfloat16; Flambeau computes in float32 and rounds once";
    const string Blends = "PyTorch 1.13 rounds weights and each axis' sums to bfloat16; Flambeau computes in float32 and rounds once";
    const string Filters = "sums of up to 81 products of up to 81 each in another order";
    const string LogSum = "PyTorch 1.13 rounds ln Σ to bfloat16 before it is subtracted; Flambeau computes in float32 and rounds once";
    const string EachStep = "PyTorch rounds each step to bfloat16; Flambeau computes in float32 and rounds once, or rounds fewer steps";
    const string Attends = "PyTorch rounds scores to bfloat16 before the softmax, whose weights are then a few per cent off; Flambeau computes in float32 and rounds once";
    const string OneElement = "PyTorch 1.13 normalizes one number as x · 316 − mean · 316, which leaves rounding errors; Flambeau as (x − mean) · 316, which is 0";

    static readonly (string Op, string? DType, double Relative, double Absolute, string Reason)[] s_looserNn =
    [
        ("nn.functional.batch_norm", "bfloat16", 1.6e-2, 0.04, Norms), ("native_batch_norm", "bfloat16", 1.6e-2, 0.04, Norms),
        ("nn.functional.group_norm", "bfloat16", 1.6e-2, 0.11, Norms), ("nn.functional.instance_norm", "bfloat16", 1.6e-2, 0.11, Norms),
        ("nn.functional.layer_norm", "bfloat16", 1.6e-2, 0.11, Norms), ("native_layer_norm", "bfloat16", 1.6e-2, 0.11, Norms),
        ("nn.functional.interpolate.linear", "bfloat16", 1.6e-2, 0.1, Blends), ("nn.functional.interpolate.bilinear", "bfloat16", 1.6e-2, 0.15, Blends),
        ("nn.functional.interpolate.bicubic", "bfloat16", 1.6e-2, 0.85, Blends), ("nn.functional.interpolate.trilinear", "bfloat16", 1.6e-2, 0.22, Blends),
        ("nn.functional.upsample_bilinear", "bfloat16", 1.6e-2, 0.11, Blends),
        ("log_softmax", "bfloat16", 1.6e-2, 4e-3, LogSum), ("masked.log_softmax", "bfloat16", 1.6e-2, 4e-3, LogSum),
        ("nn.functional.multilabel_soft_margin_loss", "bfloat16", 1.6e-2, 0.14, EachStep), ("nn.functional.soft_margin_loss", "bfloat16", 1.6e-2, 4e-3, EachStep),
        ("nn.functional.kl_div", "bfloat16", 1.6e-2, 0.11, EachStep), ("nn.functional.cross_entropy", "bfloat16", 1.6e-2, 0.033, LogSum),
        ("nn.functional.binary_cross_entropy_with_logits", "bfloat16", 1.6e-2, 0.051, EachStep), ("nn.functional.cosine_embedding_loss", "bfloat16", 1.6e-2, 6e-3, EachStep),
        ("nn.functional.gaussian_nll_loss", "bfloat16", 1.6e-2, 3e-3, EachStep), ("nn.functional.poisson_nll_loss", "bfloat16", 1.6e-2, 0.13, EachStep),
        ("nn.functional.triplet_margin_loss", "bfloat16", 1.6e-2, 0.16, EachStep), ("nn.functional.hinge_embedding_loss", "bfloat16", 1.6e-2, 0.027, EachStep),
        ("nn.functional.cosine_similarity", "bfloat16", 1.6e-2, 3.5e-3, EachStep),
        ("nn.functional.bilinear", "bfloat16", 1.6e-2, 7, InBFloat16), ("nn.functional.bilinear", "float32", 1.3e-6, 1e-4, Filters), ("nn.functional.tanhshrink", "bfloat16", 1.6e-2, 1.1e-3, EachStep),
        ("nn.functional.gelu", "bfloat16", 1.6e-2, 3e-3, EachStep),
        ("masked.var", "bfloat16", 1.6e-2, 1e-3, EachStep), ("masked.std", "bfloat16", 1.6e-2, 0.0125, EachStep), ("masked.logsumexp", "bfloat16", 1.6e-2, 2.7e-3, LogSum),
        ("segment_reduce.lengths", "bfloat16", 1.6e-2, 0.04, EachStep), ("segment_reduce.offsets", "bfloat16", 1.6e-2, 0.04, EachStep),
        ("nn.functional._scaled_dot_product_attention", "bfloat16", 1.6e-2, 1.75, Attends),
        ("nn.functional.conv_transpose1d", "float32", 1.3e-6, 1e-4, Filters), ("nn.functional.conv_transpose2d", "float32", 1.3e-6, 1e-4, Filters),
        ("nn.functional.conv_transpose3d", "float32", 1.3e-6, 1e-4, Filters), ("nn.functional.conv1d", "float32", 1.3e-6, 1e-4, Filters),
        ("nn.functional.conv2d", "float32", 1.3e-6, 1e-4, Filters),
        ("nn.functional.layer_norm", "float32", 1.3e-6, 1.1e-3, OneElement), ("native_layer_norm", "float32", 1.3e-6, 1.1e-3, OneElement),
    ];

    // Operator, a predicate, reason.
    static readonly (string Op, Func<string, Recorded, JsonNode, bool> Which, string Reason)[] s_refusedNn =
    [
        ("nn.functional.embedding_bag", (_, _, c) => c["cotangents"] is not null && ((bool?)c["kwargs"]?["scale_grad_by_freq"]?["b"] ?? false), "PyTorch 1.13 divides the gradients of bags' rows by the frequencies of other rows"),
        ("nn.functional.layer_norm", (_, r, c) => IsOneInBFloat16(c), "of one or two bfloat16 numbers PyTorch 1.13 answers rounding errors, times 316"),
        ("native_layer_norm", (_, r, c) => IsOneInBFloat16(c), "of one or two bfloat16 numbers PyTorch 1.13 answers rounding errors, times 316"),
        ("nn.functional._scaled_dot_product_attention", (_, _, c) => c["kwargs"]?["dropout_p"]?["f"] is { } p && (double)p > 0 && !((bool?)c["random"] ?? false), "dropout by a generator that nobody seeded"),
    ];

    static bool IsOneInBFloat16(JsonNode c) => (string?)c["dtype"] == "bfloat16" && c["args"]![1]!["l"] is JsonArray shape && shape.Aggregate(1L, (n, d) => n * (long)d!["i"]!) <= 2;
}
