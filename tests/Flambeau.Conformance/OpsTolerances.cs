using System.Text.Json.Nodes;

namespace Flambeau.Conformance;

/// <summary>Where Flambeau may be farther from PyTorch than PyTorch from itself, or refuses what PyTorch answers: each with its reason.</summary>
static class OpsTolerances
{
    // Operator, dtype (or null for all), relative and absolute tolerance, reason.
    static readonly (string Op, string? DType, double Relative, double Absolute, string Reason)[] s_looser =
    [
    ];

    // Operator, a predicate, reason.
    static readonly (string Op, Func<string, Recorded, JsonNode, bool> Which, string Reason)[] s_refused =
    [
    ];

    public static (double, double)? Of(string op, string dtype)
    {
        foreach (var t in s_looser) if (t.Op == op && (t.DType is null || t.DType == dtype)) return (t.Relative, t.Absolute);
        return null;
    }

    public static string? Refusal(string op, string which, Recorded r, JsonNode c)
    {
        foreach (var t in s_refused) if (t.Op == op && t.Which(which, r, c)) return t.Reason;
        return null;
    }
}
