using System.Text.Json.Nodes;

namespace Flambeau.Conformance;

/// <summary>Where Flambeau may be farther from PyTorch than PyTorch from itself, or refuses what PyTorch answers: each with its reason.</summary>
static partial class OpsTolerances
{
    const string InBFloat16 = "PyTorch 1.13 rounds every partial sum of a product of matrices to bfloat16; Flambeau adds in float32 and rounds once";
    const string InFloat32 = "PyTorch computes in float32, Flambeau in double, rounding once; conditioning shows it";
    const string Sums = "sums of hundreds of float32 numbers in another order: their largest ones are 10⁴ times this";
    const string Steps = "PyTorch rounds intermediate steps to bfloat16, others than Flambeau; cancellation shows it";

    // Operator, dtype (null for all, "single" for those computed in float32), relative and absolute tolerance, reason.
    static readonly (string Op, string? DType, double Relative, double Absolute, string Reason)[] s_looser =
    [
        ("addmm", "bfloat16", 1.6e-2, 2, InBFloat16), ("addmm.decomposed", "bfloat16", 1.6e-2, 2, InBFloat16), ("addmv", "bfloat16", 1.6e-2, 2, InBFloat16),
        ("addbmm", "bfloat16", 1.6e-2, 2, InBFloat16), ("baddbmm", "bfloat16", 1.6e-2, 2, InBFloat16), ("bmm", "bfloat16", 1.6e-2, 2, InBFloat16),
        ("mm", "bfloat16", 1.6e-2, 2, InBFloat16), ("mv", "bfloat16", 1.6e-2, 2, InBFloat16), ("matmul", "bfloat16", 1.6e-2, 2, InBFloat16),
        ("__rmatmul__", "bfloat16", 1.6e-2, 2, InBFloat16), ("einsum", "bfloat16", 1.6e-2, 2, InBFloat16), ("tensordot", "bfloat16", 1.6e-2, 2, InBFloat16),
        ("dot", "bfloat16", 1.6e-2, 2, InBFloat16), ("vdot", "bfloat16", 1.6e-2, 2, InBFloat16), ("inner", "bfloat16", 1.6e-2, 2, InBFloat16),
        ("addr", "bfloat16", 1.6e-2, 0.05, Steps), ("lerp", "bfloat16", 1.6e-2, 0.02, Steps), ("gradient", "bfloat16", 1.6e-2, 0.01, Steps),
        ("linalg.vecdot", "bfloat16", 1.6e-2, 1, InBFloat16), ("linalg.vector_norm", "bfloat16", 2.4e-2, 1e-5, Steps),
        ("matrix_exp", "float32", 1e-5, 1e-3, InFloat32), ("linalg.cond", "float32", 1e-5, 1e-5, InFloat32), ("ormqr", "float32", 1e-5, 1e-5, InFloat32),
        ("linalg.multi_dot", "bfloat16", 1.6e-2, 2, InBFloat16),
        ("linalg.multi_dot", "float32", 1.3e-6, 2e-3, "sums of 60 products of three numbers of up to 9 in another order"),
        ("fft.hfft2", "single", 1.3e-6, 1e-4, Sums), ("fft.hfftn", "single", 1.3e-6, 1e-4, Sums), ("fft.fft2", "single", 1.3e-6, 1e-4, Sums), ("fft.fftn", "single", 1.3e-6, 1e-4, Sums),
        ("fft.rfft2", "single", 1.3e-6, 1e-4, Sums), ("fft.rfftn", "single", 1.3e-6, 1e-4, Sums), ("fft.irfft2", "single", 1.3e-6, 1e-4, Sums), ("fft.irfftn", "single", 1.3e-6, 1e-4, Sums),
        ("linalg.tensorsolve", "float32", 1e-4, 1e-4, InFloat32), ("linalg.solve", "float32", 1e-5, 1e-4, InFloat32), ("linalg.solve_ex", "float32", 1e-5, 1e-4, InFloat32),
        ("nn.functional._scaled_dot_product_attention", "float32", 1e-5, 2e-5, "products of up to 81 under an exponential, in another order"),
        ("addbmm", "float32", 1.3e-6, 1e-4, "sums of 25 products of up to 81 each in another order"),
    ];

    static bool IsNumber(JsonNode? v) => v is JsonObject o && (o.ContainsKey("i") || o.ContainsKey("f") || o.ContainsKey("b"));

    static bool Int32Indices(string which, Recorded r, JsonNode c) => which.StartsWith("error", StringComparison.Ordinal) && c["args"]![2]!["t"] is { } t && r.Tensors[(string)t!].DType == DType.Int32;

    static bool Is1d(Recorded r, JsonNode? v) => v?["t"] is not null && r.Tensors[(string)v["t"]!].Rank == 1;

    // A predicate, reason.
    static readonly (Func<string, string, Recorded, JsonNode, bool> Which, string Reason)[] s_refusedAnywhere =
    [
        ((op, which, r, c) => which.StartsWith("error", StringComparison.Ordinal) && (string)c["error"]! == "Exception" && (op.StartsWith("__r", StringComparison.Ordinal) || !IsNumber(c["args"]![0])) && c["args"]!.AsArray().Any(IsNumber),
            "PyTorch refuses a number where a tensor is asked for; C# makes it one by an implicit conversion"),
        ((op, _, _, c) => op is "addmm" or "addmm.decomposed" or "addmv" or "addr" or "addbmm" or "baddbmm" && (string?)c["dtype"] is "int32" or "int64" or "uint8" && c["kwargs"]!.AsObject().Any(a => a.Value!["f"] is not null),
            "a fraction as factor of integers: PyTorch truncates it, to 0 here, without a word"),
        ((op, which, r, c) => (string?)c["dtype"] == "complex128" && op is "dot" or "vdot" or "linalg.vecdot" or "inner" or "matmul" or "__rmatmul__" && Is1d(r, c["args"]![0]) && Is1d(r, c["args"]![1]),
            "PyTorch's answers were recorded with a library whose products of complex vectors are 0"),
    ];

    // Operator, a predicate, reason.
    static readonly (string Op, Func<string, Recorded, JsonNode, bool> Which, string Reason)[] s_refused =
    [
        ("linalg.det.singular", (_, r, c) => c["grads"]?[0]?["t"] is { } g && r.Tensors[(string)g!].Ne(0).Any([-2, -1]).LogicalNot().Any().Item<bool>(),
            "where a determinant is exactly 0, PyTorch 1.13 says that its gradient is 0; it is the adjugate"),
        ("aminmax", (_, r, c) => r.Tensors[(string)c["args"]![0]!["t"]!].Rank == 0 && (bool?)c["kwargs"]!["keepdim"]?["b"] == true, "PyTorch answers a vector for a scalar whose axes are to be kept; its amin and amax do not"),
        ("gather", Int32Indices, "Flambeau takes int32 indices too"), ("scatter", Int32Indices, "Flambeau takes int32 indices too"),
        ("scatter_add", Int32Indices, "Flambeau takes int32 indices too"),
        ("matrix_exp", (_, _, c) => (string?)c["dtype"] is "bfloat16", "PyTorch's exponential of bfloat16 matrices is not a number wherever their norm exceeds 1"),
        ("as_strided_scatter", (_, _, c) => c["cotangents"] is not null, "PyTorch's gradient reads memory that nobody wrote"),
    ];

    public static (double, double)? Of(string op, string dtype)
    {
        foreach (var t in s_looser.Concat(s_looserNn).Concat(s_looserSpecial)) if (t.Op == op && (t.DType is null || t.DType == dtype || t.DType == "single" && dtype is not ("float64" or "complex128"))) return (t.Relative, t.Absolute);
        // What is computed from bfloat16 in float32 is no more exact than its beginnings.
        return dtype == "bfloat16" ? Comparison.Tolerance(DType.BFloat16) : null;
    }

    public static string? Refusal(string op, string which, Recorded r, JsonNode c)
    {
        foreach (var t in s_refusedAnywhere.Concat(s_refusedSpecial)) if (t.Which(op, which, r, c)) return t.Reason;
        foreach (var t in s_refused.Concat(s_refusedNn)) if (t.Op == op && t.Which(which, r, c)) return t.Reason;
        return null;
    }
}
