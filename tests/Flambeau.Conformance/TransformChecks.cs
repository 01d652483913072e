using System.Numerics;

namespace Flambeau.Conformance;

/// <summary>A recorded call as a function of the tensors that it was differentiated by, where these stand, and what PyTorch answered there.</summary>
sealed class RecordedFunction
{
    public required Tensor[] Leaves { get; init; }
    public required Func<Tensor[], Tensor[]> Call { get; init; }
    public required Tensor[] Expected { get; init; }
    public required Tensor[] Cotangents { get; init; }
    public required Tensor[] Gradients { get; init; }
    public (double, double)? Tolerance { get; init; }
    public string? Compare { get; init; }

    public string? Difference(string what, Tensor expected, Tensor actual, bool result) =>
        Comparison.Difference(what, expected, actual, Tolerance, result && Compare == "shape", result && Compare == "magnitude");
}

/// <summary>
/// Transforms of recorded functions: forward mode must agree with PyTorch's recorded gradients, and Vmap, of the function and of its derivative, with its
/// recorded results and gradients, for each of two examples.
/// </summary>
static class TransformChecks
{
    public static IReadOnlyList<(string Transform, Func<RecordedFunction, string?> Check)> All { get; } = [("Jvp", Forward), ("Vmap", Batched), ("Vmap(Vjp)", BatchedGradients)];

    static string? Forward(RecordedFunction p)
    {
        var random = new System.Random(1);
        Tensor[] x = p.Leaves, v = [.. x.Select(t => Random(t, random))];
        (Tensor[] y, Tensor[] jv) = Func.Jvp(p.Call, x, v);
        for (int i = 0; i < y.Length; i++) if (p.Difference($"result {i}", p.Expected[i], y[i], true) is { } d) return d;
        // A result that is no number, or that of nothing at all, −∞, need not move.
        jv = [.. jv.Select((t, i) => Tensor.Where(p.Expected[i].IsFinite().LogicalNot().LogicalAnd(t.IsNan()), 0, t))];
        (double forward, double size) = Dot(p.Cotangents, jv);
        (double reverse, double other) = Dot(p.Gradients, v);
        double tolerance = x.Concat(y).Max(t => Comparison.Tolerance(t.DType).Relative) is <= 1e-7 ? 1e-7 : x.Concat(y).Any(t => t.DType.IsLowPrecision) ? 1e-2 : 1e-4;
        return Math.Abs(forward - reverse) <= tolerance * Math.Max(1, Math.Max(size, other)) || !double.IsFinite(reverse) ? null
            : $"along a random direction forward mode says {forward:G9}, PyTorch's gradient {reverse:G9}";
    }

    static string? Batched(RecordedFunction p)
    {
        Tensor[] y = Func.Vmap<Tensor[], Tensor[]>(p.Call, randomness: Randomness.Same)(Twice(p.Leaves));
        for (int i = 0; i < y.Length; i++)
            for (int e = 0; e < 2; e++)
                if (p.Difference($"result {i} of example {e}", p.Expected[i], y[i][e], true) is { } d) return d;
        return null;
    }

    static string? BatchedGradients(RecordedFunction p)
    {
        Tensor[] g = Func.Vmap<Tensor[], Tensor[]>(x => Func.Vjp(p.Call, x).Vjp(p.Cotangents), randomness: Randomness.Same)(Twice(p.Leaves));
        for (int i = 0; i < g.Length; i++)
            for (int e = 0; e < 2; e++)
                if (p.Difference($"gradient {i} of example {e}", p.Gradients[i], g[i][e], false) is { } d) return d;
        return null;
    }

    static Tensor[] Twice(Tensor[] x) => [.. x.Select(t => Tensor.Stack([t, t]))];

    static Tensor Random(Tensor like, System.Random random)
    {
        var v = new Complex[like.Count];
        for (int i = 0; i < v.Length; i++) v[i] = new(random.NextDouble() * 2 - 1, random.NextDouble() * 2 - 1);
        Tensor t = Tensor.From<Complex>(v).Reshape(like.Shape);
        return like.DType.IsComplex ? t.To(like.DType) : t.Real().To(like.DType);
    }

    /// <summary>Σ Re(ā b), and the sum of the sizes of its terms.</summary>
    static (double Sum, double Size) Dot(Tensor[] a, Tensor[] b)
    {
        double sum = 0, size = 0;
        foreach ((Tensor p, Tensor q) in a.Zip(b))
        {
            Complex[] u = p.ToArray<Complex>(), v = q.Detach().ToArray<Complex>();
            for (int i = 0; i < u.Length; i++)
            {
                double term = (Complex.Conjugate(u[i]) * v[i]).Real;
                sum += term;
                size += Complex.Abs(u[i]) * Complex.Abs(v[i]);
            }
        }
        return (sum, size);
    }
}
