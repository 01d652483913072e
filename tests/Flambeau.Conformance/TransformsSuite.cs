using System.Numerics;
using System.Reflection;
using System.Text.Json.Nodes;

namespace Flambeau.Conformance;

/// <summary>
/// The operators' recorded calls as functions under transforms: forward mode must agree with PyTorch's recorded gradients, and Vmap, of the function and of
/// its derivative, with its recorded results and gradients, for each of two examples.
/// </summary>
public sealed class TransformsSuite : ISuite
{
    /// <inheritdoc/>
    public string Name => "transforms";

    /// <inheritdoc/>
    public string Corpus => "ops";

    /// <inheritdoc/>
    public IEnumerable<Outcome> Run(Corpus corpus, string? filter = null)
    {
        Action<string> before = Func.OnVmapFallback;
        Func.OnVmapFallback = _ => { };
        try
        {
            foreach (string name in corpus.Names())
            {
                if (!name.EndsWith(".safetensors", StringComparison.Ordinal)) continue;
                string op = Path.GetFileName(name)[..^".safetensors".Length];
                if (filter is not null && !op.Contains(filter, StringComparison.Ordinal)) continue;
                Recorded r = corpus.Read(name);
                int i = 0;
                foreach (JsonNode? c in r.Json("cases").AsArray())
                {
                    string which = $"case {i++} ({c!["dtype"]})";
                    if (c["cotangents"] is not JsonArray || (string)c["dtype"]! is "bfloat16" or "float16") continue;   // these are float32 behind a cast
                    yield return Case(op, which, r, c, "Jvp", Forward);
                    yield return Case(op, which, r, c, "Vmap", Batched);
                    yield return Case(op, which, r, c, "Vmap(Vjp)", BatchedGradients);
                }
            }
        }
        finally { Func.OnVmapFallback = before; }
    }

    // Where forward mode gives the derivative, and PyTorch's gradient is another number; reason.
    static readonly (string Op, string Reason)[] s_otherGradient =
        [.. new[] { "nn.functional.max_unpool1d", "nn.functional.max_unpool2d", "nn.functional.max_unpool3d" }.Select(op =>
            (op, "where several elements are brought to one place only the last stays, yet PyTorch's gradient goes to each of them"))];

    static Outcome Case(string group, string which, Recorded r, JsonNode c, string transform, Func<Point, string?> check)
    {
        Outcome End(Status s, string? detail = null) => new(group, $"{transform} {which}", s, detail is null ? null : $"{OpsSuite.Spell(r, c)}: {detail}");
        if (OpsTolerances.Refusal(group, which, r, c) is { } reason) return End(Status.Refused, reason);
        if (transform == "Jvp")
            foreach ((string op, string why) in s_otherGradient) if (op == group) return End(Status.Refused, why);
        try { return check(new Point(group, r, c)) is { } difference ? End(Status.Failed, difference) : End(Status.Passed); }
        catch (BindingException e) { return End(Status.Unsupported, e.Message); }
        catch (Exception e) { return End(Status.Failed, OpsSuite.Brief(e)); }
    }

    /// <summary>A recorded call as a function of the tensors that it was differentiated by, where these stand, and what PyTorch answered there.</summary>
    sealed class Point
    {
        readonly Recorded _r;
        readonly JsonNode _c;
        readonly List<string> _keys = [];
        readonly JsonObject[] _all;

        public Point(string group, Recorded r, JsonNode c)
        {
            (_r, _c) = (r, c);
            Tolerance = OpsTolerances.Of(group, (string)c["dtype"]!);
            foreach (JsonObject t in c["args"]!.AsArray().Concat(c["kwargs"]!.AsObject().Select(a => a.Value)).SelectMany(OpsSuite.Leaves))
                if (t["t"] is { } key && ((bool?)t["rg"] ?? false))
                {
                    _keys.Add((string)key!);
                    Leaves.Add(r.Tensor(t).Clone());
                }
            _all = [.. OpsSuite.Leaves(c["outputs"])];
            Cotangents = [.. c["cotangents"]!.AsArray().Select(t => r.Tensor(t))];
            JsonArray wanted = c["grads"]!.AsArray();
            Gradients = [.. Leaves.Select((x, i) => wanted[i]!["t"] is null ? Tensor.ZerosLike(x) : r.Tensor(wanted[i]))];
            Expected = [.. _all.Where(IsDifferentiable).Select(o => r.Tensor(o))];
        }

        public List<Tensor> Leaves { get; } = [];
        public Tensor[] Expected { get; }
        public Tensor[] Cotangents { get; }
        public Tensor[] Gradients { get; }
        public (double, double)? Tolerance { get; }
        public string? Compare => (string?)_c["compare"];

        static bool IsDifferentiable(JsonObject output) => (bool?)output["rg"] ?? false;

        public Tensor[] Call(Tensor[] at)
        {
            Dictionary<string, Tensor> given = [];
            for (int i = 0; i < at.Length; i++) given[_keys[i]] = at[i];
            object[] y = [.. Binder.Flat(OpsSuite.Call(_r, _c, [], given))];
            return [.. _all.Zip(y).Where(p => IsDifferentiable(p.First)).Select(p => (Tensor)p.Second)];
        }

        public string? Difference(string what, Tensor expected, Tensor actual, bool result) =>
            Comparison.Difference(what, expected, actual, Tolerance, result && Compare == "shape", result && Compare == "magnitude");
    }

    static string? Forward(Point p)
    {
        var random = new System.Random(1);
        Tensor[] x = [.. p.Leaves], v = [.. x.Select(t => Random(t, random))];
        (Tensor[] y, Tensor[] jv) = Func.Jvp(p.Call, x, v);
        for (int i = 0; i < y.Length; i++) if (p.Difference($"result {i}", p.Expected[i], y[i], true) is { } d) return d;
        // A result that is no number does not move in any direction, and that of nothing at all, −∞, need not.
        jv = [.. jv.Select((t, i) => Tensor.Where(p.Expected[i].IsNan().LogicalOr(p.Expected[i].IsFinite().LogicalNot().LogicalAnd(t.IsNan())), 0, t))];
        (double forward, double size) = Dot(p.Cotangents, jv);
        (double reverse, double other) = Dot(p.Gradients, v);
        double tolerance = x.Concat(y).Max(t => Comparison.Tolerance(t.DType).Relative) is <= 1e-7 ? 1e-7 : x.Concat(y).Any(t => t.DType.IsLowPrecision) ? 1e-2 : 1e-4;
        return Math.Abs(forward - reverse) <= tolerance * Math.Max(1, Math.Max(size, other)) || !double.IsFinite(reverse) ? null
            : $"along a random direction forward mode says {forward:G9}, PyTorch's gradient {reverse:G9}";
    }

    static string? Batched(Point p)
    {
        Tensor[] y = Func.Vmap<Tensor[], Tensor[]>(p.Call, randomness: Randomness.Same)(Twice(p.Leaves));
        for (int i = 0; i < y.Length; i++)
            for (int e = 0; e < 2; e++)
                if (p.Difference($"result {i} of example {e}", p.Expected[i], y[i][e], true) is { } d) return d;
        return null;
    }

    static string? BatchedGradients(Point p)
    {
        Tensor[] g = Func.Vmap<Tensor[], Tensor[]>(x => Func.Vjp(p.Call, x).Vjp(p.Cotangents), randomness: Randomness.Same)(Twice(p.Leaves));
        for (int i = 0; i < g.Length; i++)
            for (int e = 0; e < 2; e++)
                if (p.Difference($"gradient {i} of example {e}", p.Gradients[i], g[i][e], false) is { } d) return d;
        return null;
    }

    static Tensor[] Twice(List<Tensor> x) => [.. x.Select(t => Tensor.Stack([t, t]))];

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
