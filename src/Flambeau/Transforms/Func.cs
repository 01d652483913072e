using Flambeau.Ops;
using Flambeau.Transforms;

namespace Flambeau;

/// <summary>
/// Transforms of functions: each takes a function of tensors and gives one that computes derivatives of it, or runs it for many examples at once.
/// They compose to any depth: <c>Func.Vmap(Func.Grad(f))</c>. PyTorch's <c>torch.func</c>.
/// </summary>
/// <remarks>
/// A function takes and gives a tensor, an array or a dictionary of tensors, or a tuple of these. It may use tensors from outside, to which
/// gradients of the result flow on where they require one; it must not keep tensors that it was given.
/// </remarks>
public static partial class Func
{
    /// <summary>How many transforms run on this thread.</summary>
    internal static int Depth => Transform.Current?.Depth ?? 0;

    // ---- the tape of one depth, as a function ----

    /// <summary>A tensor from which the innermost function is differentiated: the same to everyone else, and a stranger to the tape of this depth.</summary>
    internal static Tensor Leaf(Tensor x)
    {
        if (!x.DType.IsDifferentiable) throw new ArgumentException($"A function is differentiated with respect to floating-point or complex tensors; this one is {x.DType}. Capture it in the lambda, or convert it.");
        if (Transform.Current is not { } t)
        {
            if (!x.RequiresGrad) return x.Alias(x.Layout).SetRequiresGrad();
        }
        else if (!t.Owns(x)) return t.Constant(x).SetRequiresGrad();
        else if (!x.RequiresGrad) return t.Again(x).SetRequiresGrad();
        using var _ = Autograd.EnableGradAt(Depth);
        return Op.Apply(new View(x.Shape), x);
    }

    /// <summary>The result without what the tape of this depth knows of it.</summary>
    static Tensor Cut(Tensor y) => !y.RequiresGrad ? y : Transform.Current is { } t && t.Owns(y) ? t.Again(y) : y.Alias(y.Layout);

    /// <summary>Whether results depend on something that requires grad besides <paramref name="leaves"/>: then derivatives are recorded for whoever asked for that.</summary>
    static bool HasOtherLeaves(IEnumerable<Tensor> y, IReadOnlyList<Tensor> leaves)
    {
        HashSet<Node> seen = [];
        Stack<Node> todo = new();
        foreach (Tensor t in y) if (t.RequiresGrad) todo.Push(t.GradEdge().Node);
        while (todo.TryPop(out Node? n))
        {
            if (!seen.Add(n)) continue;
            if (n.Leaf is { } leaf && !leaves.Any(l => ReferenceEquals(l, leaf))) return true;
            foreach (ref Node.InputSlot e in n.Inputs.AsSpan()) if (e.Next is not null) todo.Push(e.Next);
        }
        return false;
    }

    /// <summary>A function at a point, with the graph that was recorded of it.</summary>
    readonly struct Recorded
    {
        public readonly Tensor[] Leaves, Results;

        /// <summary>Whether derivatives are recorded, because someone outside wants gradients.</summary>
        public readonly bool IsWatched;

        public Recorded(Tensor[] x, Func<Tensor[], Tensor[]> f)
        {
            bool before = Autograd.IsGradEnabled;
            Leaves = Array.ConvertAll(x, Leaf);
            using (Autograd.EnableGradAt(Depth)) Results = f(Leaves);
            IsWatched = before && HasOtherLeaves(Results, Leaves);
        }

        /// <summary>The results as the caller sees them.</summary>
        public Tensor[] Outputs => IsWatched ? Results : Array.ConvertAll(Results, Cut);

        /// <summary>The gradients of the leaves, from those of the results.</summary>
        public Tensor[] Pull(Tensor?[] v, bool keep)
        {
            List<Tensor> y = [];
            List<Tensor?> g = [];
            bool watched = IsWatched;
            for (int i = 0; i < Results.Length; i++)
            {
                if (!Results[i].RequiresGrad || v[i] is null) continue;
                y.Add(Results[i]);
                g.Add(v[i]);
                watched |= v[i]!.RequiresGrad;
            }
            watched &= Autograd.IsGradEnabled;
            Tensor?[] back = y.Count == 0 ? new Tensor?[Leaves.Length] : Autograd.Grad(y, Leaves, g, retainGraph: keep || watched, createGraph: watched, allowUnused: true);
            Tensor[] leaves = Leaves;
            return [.. back.Select((b, i) => b ?? Tensor.ZerosLike(leaves[i]))];
        }
    }

    /// <summary>The map from tangents of leaves to those of results: the derivative by u of the vector–Jacobian product, which is linear in its vector u.</summary>
    internal static Func<Tensor[], Tensor?[]> PushForward(IReadOnlyList<Tensor> leaves, Tensor[] y)
    {
        bool watched = Autograd.IsGradEnabled && HasOtherLeaves(y, leaves);
        int[] at = [.. Enumerable.Range(0, y.Length).Where(i => y[i].DType.IsDifferentiable && y[i].RequiresGrad)];
        Tensor[] u = [.. at.Select(i => Leaf(Tensor.ZerosLike(y[i])))];
        Tensor?[] g = at.Length == 0 ? [] : Autograd.Grad([.. at.Select(i => y[i])], leaves, u, retainGraph: true, createGraph: true, allowUnused: true);
        int[] used = [.. Enumerable.Range(0, g.Length).Where(k => g[k] is { RequiresGrad: true })];
        Tensor[] from = [.. used.Select(k => g[k]!)];
        return t =>
        {
            var all = new Tensor?[y.Length];
            if (from.Length == 0) return all;
            bool records = Autograd.IsGradEnabled && (watched || t.Any(d => d.RequiresGrad));
            Tensor?[] jv = Autograd.Grad(from, u, [.. used.Select(k => (Tensor?)t[k])], retainGraph: true, createGraph: records, allowUnused: true);
            for (int i = 0; i < at.Length; i++) all[at[i]] = jv[i];
            return all;
        };
    }

    static Tensor Scalar(Tensor y, string op) => y.Count == 1 && !y.DType.IsComplex ? y
        : throw new ArgumentException($"{op}: the function must give one real number, not a {y.DType} tensor of shape {y.Shape}. Reduce it: Sum, Mean. For several results, use Vjp or Jacrev.");

    static void SameForm(string op, string what, Tensor[] a, Tensor[] b)
    {
        if (a.Length != b.Length) throw new ArgumentException($"{op}: {b.Length} {what} for {a.Length} tensors.");
        for (int i = 0; i < a.Length; i++)
            if (a[i].Shape != b[i].Shape) throw new ArgumentException($"{op}: number {i} of the {what} has shape {b[i].Shape}, its tensor {a[i].Shape}; they must be equal.");
    }
}
