using System.Numerics;
using Flambeau.Backends;
using Flambeau.Ops;
using Xunit;

namespace Flambeau.Tests.Operators;

/// <summary>What holds for every operation.</summary>
public class Laws
{
    public static TheoryData<string> Names => new(OpTable.Rows.Select(r => r.Name));

    public static TheoryData<string> Differentiable => new(OpTable.Rows.Where(r => r.Differentiable).Select(r => r.Name));

    public static TheoryData<string> Elementwise => new(OpTable.Rows.Where(r => r.Elementwise).Select(r => r.Name));

    static Row Find(string name) => OpTable.Rows.Single(r => r.Name == name);

    static IEnumerable<DType> DTypes(Row r) => [DType.Float32, DType.Float64, .. r.LowPrecision ? new[] { DType.Float16, DType.BFloat16 } : [], .. r.DTypes];

    static Tensor[] Make(Arg[] sample, DType dtype) => [.. sample.Select((a, i) => a.Make(dtype, 100 + i))];

    static (double R, double A) Tolerance(Row r, DType t) => t switch
    {
        DType.Float64 or DType.Complex128 => (r.Tolerance64, r.Tolerance64),
        DType.Float32 or DType.Complex64 => (r.Tolerance, r.Tolerance),
        DType.Float16 => (Math.Max(2e-3, r.Tolerance), 2e-3),
        DType.BFloat16 => (Math.Max(1.6e-2, r.Tolerance), 1.6e-2),
        _ => (0, 0),
    };

    internal static void AssertClose(Tensor[] expected, Tensor[] actual, double rtol, double atol, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int k = 0; k < expected.Length; k++)
        {
            Assert.True(expected[k].Shape == actual[k].Shape && expected[k].DType == actual[k].DType,
                $"{what}: expected {expected[k].DType} {expected[k].Shape}, got {actual[k].DType} {actual[k].Shape}");
            Complex[] e = expected[k].ToArray<Complex>(), a = actual[k].ToArray<Complex>();
            for (int i = 0; i < e.Length; i++)
                Assert.True(Near(e[i].Real, a[i].Real, Complex.Abs(e[i])) && Near(e[i].Imaginary, a[i].Imaginary, Complex.Abs(e[i])),
                    $"{what}: result {k}, element {i}: expected {e[i]}, got {a[i]}");
        }

        bool Near(double e, double a, double size) =>
            e.Equals(a) || double.IsNaN(e) && double.IsNaN(a) || Math.Abs(e - a) <= atol + rtol * (double.IsFinite(size) ? size : Math.Abs(e));
    }

    [Theory, MemberData(nameof(Names))]
    public void Cpu_answers_what_the_reference_answers(string name)
    {
        Row r = Find(name);
        foreach (DType t in DTypes(r))
            foreach (Arg[] sample in r.Samples)
            {
                Tensor[] x = Make(sample, t), expected;
                using (Backend.Reference.Use()) expected = r.Call(x);
                (double rtol, double atol) = Tolerance(r, t);
                AssertClose(expected, r.Call(x), rtol, atol, $"{name} {t} {string.Join(" ", x.Select(a => a.Shape))}");
            }
    }

    [Theory, MemberData(nameof(Names))]
    public void The_layout_of_inputs_does_not_matter(string name)
    {
        Row r = Find(name);
        foreach (DType t in (DType[])[DType.Float32, .. r.DTypes.Take(1)])
            foreach (Arg[] sample in r.Samples)
            {
                Tensor[] x = Make(sample, t), expected = r.Call(x);
                (double rtol, double atol) = Tolerance(r, t);
                AssertClose(expected, r.Call([.. x.Select(Transposed)]), rtol, atol, $"{name} transposed");
                AssertClose(expected, r.Call([.. x.Select(Sliced)]), rtol, atol, $"{name} sliced");
                if (name == "as strided") continue;                                // counts from where the storage begins, as PyTorch's does
                AssertClose(expected, r.Call([.. x.Select(Second)]), rtol, atol, $"{name} row by row, but from the middle of a storage");
            }

        static Tensor Second(Tensor x) => Tensor.Stack([Tensor.ZerosLike(x), x]).Select(0, 1);

        static Tensor Transposed(Tensor x)
        {
            if (x.Rank < 2) return x;
            return x.Transpose(0, -1).Clone().Transpose(0, -1);
        }

        static Tensor Sliced(Tensor x)
        {
            if (x.Rank == 0) return Tensor.Stack([x, x]).Select(0, 1);
            Tensor wide = Tensor.Stack([x, x, x], -1);                         // every third element of a larger storage
            return wide.Select(x.Rank, 1);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Expanded_inputs_answer_as_copied_ones(string name)
    {
        Row r = Find(name);
        foreach (Arg[] sample in r.Samples)
        {
            if (sample.Any(a => a.Shape.Length == 0 || a.Shape[0] == 0)) continue;
            Tensor[] x = [.. Make(sample, DType.Float32).Select(a => a.Narrow(0, 0, 1).ExpandAs(a))];
            AssertClose(r.Call([.. x.Select(a => a.Clone())]), r.Call(x), r.Tolerance, r.Tolerance, name);
        }
    }

    [Theory, MemberData(nameof(Differentiable))]
    public void Derivatives_agree_with_differences(string name)
    {
        Row r = Find(name);
        foreach (DType t in (DType[])[DType.Float64, .. r.DTypes.Where(d => d == DType.Complex128)])
            foreach (Arg[] sample in r.Samples)
            {
                Tensor[] x = Make(sample, t);
                foreach (Tensor a in x) if (a.DType.IsDifferentiable) a.RequiresGrad = true;
                Assert.Null(GradCheck.Run(r.Call, x));
            }
    }

    [Theory, MemberData(nameof(Differentiable))]
    public void Second_derivatives_agree_with_differences(string name)
    {
        Row r = Find(name);
        if (!r.TwiceDifferentiable) return;
        foreach (DType t in (DType[])[DType.Float64, .. r.DTypes.Where(d => d == DType.Complex128)])
            foreach (Arg[] sample in r.Samples)
            {
                if (sample.Sum(a => a.Shape.Aggregate(1L, (p, s) => p * s)) > 120) continue;   // the small samples say it; large ones take minutes
                Tensor[] x = Make(sample, t);
                foreach (Tensor a in x) if (a.DType.IsDifferentiable) a.RequiresGrad = true;
                Assert.Null(GradCheck.RunTwice(r.Call, x));
            }
    }

    /// <summary>Where nothing is recorded, derivatives run as fused kernels; where it is, as compositions.</summary>
    [Theory, MemberData(nameof(Differentiable))]
    public void Fused_derivatives_agree_with_composed_ones(string name)
    {
        Row r = Find(name);
        foreach (Arg[] sample in r.Samples)
        {
            Tensor[] x = Make(sample, DType.Float32), leaves = [.. x.Where(a => a.DType.IsDifferentiable)];
            foreach (Tensor a in leaves) a.RequiresGrad = true;
            Tensor[] y = [.. r.Call(x).Where(t => t.RequiresGrad)], g = [.. y.Select(t => Tensor.OnesLike(t) * 0.7)];
            Tensor?[] fused = Autograd.Grad(y, leaves, g, retainGraph: true, allowUnused: true), composed = Autograd.Grad(y, leaves, g, createGraph: true, allowUnused: true);
            for (int i = 0; i < leaves.Length; i++)
                if (fused[i] is { } f) AssertClose([composed[i]!.Detach()], [f], 1e-4, 1e-5, name);
        }
    }

    [Theory, MemberData(nameof(Elementwise))]
    public void Every_length_is_right(string name)
    {
        Row r = Find(name);
        Domain[] domains = [.. r.Samples[0].Select(a => a.Domain)];
        foreach (DType t in (DType[])[DType.Float32, DType.Float64])
            for (long n = 0; n <= 33; n++)
            {
                Tensor[] x = [.. domains.Select((d, i) => new Arg([n], d).Make(t, (int)n * 7 + i))], expected;
                using (Backend.Reference.Use()) expected = r.Call(x);
                (double rtol, double atol) = Tolerance(r, t);
                AssertClose(expected, r.Call(x), rtol, atol, $"{name} {t} length {n}");
            }
    }

    [Theory, MemberData(nameof(Elementwise))]
    public void Special_values_are_right(string name)
    {
        Row r = Find(name);
        double[] special = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0.0, -0.0, 1, -1, 1e-15, -1e-15, 1e18, 0.5, -2.5, 1.5, 100, -100];
        Tensor s = Tensor.From(special).To(DType.Float32);
        Tensor[] x = r.Samples[0].Length == 1 ? [s] : [s.Unsqueeze(1).Expand(special.Length, special.Length).Clone(), s.Unsqueeze(0).Expand(special.Length, special.Length).Clone()], expected;
        if (name.StartsWith("bitwise", StringComparison.Ordinal)) return;       // conversions of NaN to integers are undefined
        using (Backend.Reference.Use()) expected = r.Call(x);
        AssertClose(expected, r.Call(x), Math.Max(3e-6, r.Tolerance), r.Tolerance64 > 1e-12 ? r.Tolerance64 : 1e-37, name);
    }

    [Theory, MemberData(nameof(Names))]
    public void The_number_of_threads_does_not_matter(string name)
    {
        Row r = Find(name);
        if (!r.Elementwise && r.Samples[0].Length > 1) return;
        int threads = Threads.Count;
        try
        {
            foreach (Arg[] sample in r.Samples)
            {
                // The same axes, larger where the operation does not care.
                Arg[] large = r.Elementwise ? [.. sample.Select(a => new Arg([301, 333], a.Domain))] : sample;
                Tensor[] x = Make(large, DType.Float32);
                Threads.Count = 1;
                Tensor[] one = r.Call(x);
                Threads.Count = 3;
                AssertClose(one, r.Call(x), 0, 0, name);
            }
        }
        finally { Threads.Count = threads; }
    }

    [Fact]
    public void Every_operation_has_a_row()
    {
        HashSet<string> seen = [];
        Op.Observer = op => seen.Add(Key(op.GetType()));
        try
        {
            foreach (Row r in OpTable.Rows)
                foreach (Arg[] sample in r.Samples)
                {
                    Tensor[] x = Make(sample, DType.Float32);
                    foreach (Tensor a in x) if (a.DType.IsDifferentiable) a.RequiresGrad = true;
                    Tensor[] y = [.. r.Call(x).Where(t => t.RequiresGrad)], leaves = [.. x.Where(t => t.RequiresGrad)];
                    if (y.Length == 0) continue;
                    // Some appear where nothing is recorded, as fused kernels; some in derivatives of derivatives only.
                    Tensor[] ones = [.. y.Select(t => Tensor.OnesLike(t))];
                    Autograd.Grad(y, leaves, ones, retainGraph: true, allowUnused: true);
                    Tensor[] g = [.. Autograd.Grad(y, leaves, [.. y.Select(t => Tensor.OnesLike(t).SetRequiresGrad())], createGraph: true, allowUnused: true).Where(t => t is { RequiresGrad: true }).Select(t => t!)];
                    if (g.Length > 0 && r.TwiceDifferentiable) Autograd.Backward(g, [.. g.Select(t => Tensor.OnesLike(t))]);
                }
        }
        finally { Op.Observer = null; }

        Type[] all = typeof(Op).Assembly.GetTypes();
        IEnumerable<string> ops = all.Where(t => t.IsSubclassOf(typeof(Op)) && !t.IsAbstract && !t.IsGenericType).Select(Key)
            .Concat(all.Where(t => t.IsValueType && (typeof(IUnaryOp).IsAssignableFrom(t) || typeof(IBinaryOp).IsAssignableFrom(t) || typeof(ITernaryOp).IsAssignableFrom(t))).Select(t => t.Name));
        // Recorded by the engine and by modules with hooks, never applied.
        Assert.Empty(ops.Except(seen).Except([nameof(AccumulateGrad), nameof(Refused), nameof(ViewScatter), nameof(Flambeau.Nn.ModuleTape.ModuleEntry), nameof(Flambeau.Nn.ModuleTape.ModuleExit)]));

        static string Key(Type t) => t.IsGenericType ? t.GetGenericArguments()[0].Name : t.Name;
    }
}
