using System.Text.Json.Nodes;

namespace Flambeau.Conformance;

/// <summary>Where Flambeau may be farther from PyTorch than PyTorch from itself, or refuses what PyTorch answers: each with its reason.</summary>
static class OpsTolerances
{
    // Operator, dtype (or null for all), relative and absolute tolerance, reason.
    static readonly (string Op, string? DType, double Relative, double Absolute, string Reason)[] s_looser =
    [
    ];

    static bool IsNumber(JsonNode? v) => v is JsonObject o && (o.ContainsKey("i") || o.ContainsKey("f") || o.ContainsKey("b"));

    static bool Is1d(Recorded r, JsonNode? v) => v?["t"] is not null && r.Tensors[(string)v["t"]!].Rank == 1;

    // A predicate, reason.
    static readonly (Func<string, string, Recorded, JsonNode, bool> Which, string Reason)[] s_refusedAnywhere =
    [
        ((op, which, r, c) => which.StartsWith("error", StringComparison.Ordinal) && c["args"]!.AsArray().Any(IsNumber) && (string)c["error"]! == "Exception" && !op.StartsWith("special.", StringComparison.Ordinal),
            "PyTorch refuses a number where a tensor is asked for; C# makes it one by an implicit conversion"),
        ((op, which, r, c) => (string?)c["dtype"] == "complex128" && op is "dot" or "vdot" or "inner" or "matmul" or "__rmatmul__" && Is1d(r, c["args"]![0]) && Is1d(r, c["args"]![1]),
            "PyTorch's answers were recorded with a library whose products of complex vectors are 0"),
    ];

    // Operator, a predicate, reason.
    static readonly (string Op, Func<string, Recorded, JsonNode, bool> Which, string Reason)[] s_refused =
    [
        ("addmm", (_, _, c) => (string?)c["dtype"] is "int32" or "int64" or "uint8" && c["kwargs"]!.AsObject().Any(a => a.Value!["f"] is not null),
            "a fraction as factor of integers: PyTorch truncates it, to 0 here, without a word"),
        ("as_strided_scatter", (_, _, c) => c["cotangents"] is not null, "PyTorch's gradient reads memory that nobody wrote"),
    ];

    public static (double, double)? Of(string op, string dtype)
    {
        foreach (var t in s_looser) if (t.Op == op && (t.DType is null || t.DType == dtype)) return (t.Relative, t.Absolute);
        return null;
    }

    public static string? Refusal(string op, string which, Recorded r, JsonNode c)
    {
        foreach (var t in s_refusedAnywhere) if (t.Which(op, which, r, c)) return t.Reason;
        foreach (var t in s_refused) if (t.Op == op && t.Which(which, r, c)) return t.Reason;
        return null;
    }
}
