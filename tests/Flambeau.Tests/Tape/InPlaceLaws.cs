using Xunit;

namespace Flambeau.Tests.Tape;

/// <summary>
/// Random programs of views and in-place operations. Each is run twice: as written, and functionally, where the root is an immutable array
/// that every write replaces and every view is a list of places in it. Values and gradients must be the same.
/// </summary>
public class InPlaceLaws
{
    /// <summary>A way to look at a tensor. Applied to an arange of places, it says where it looks.</summary>
    sealed record Look(string Text, Func<Tensor, Tensor> See);

    sealed class Written(Tensor root) 
    {
        public readonly List<(Tensor View, Look[] Path)> Views = [(root, [])];
        public Tensor Functional = root.Detach();
        public Tensor Places = Tensor.Arange(root.Count).Reshape(root.Shape);

        public Tensor PlacesOf(Look[] path) => path.Aggregate(Places, (p, l) => l.See(p));

        /// <summary>What the view shows of the functional root.</summary>
        public Tensor Read(Look[] path)
        {
            Tensor at = PlacesOf(path);
            return Functional.Flatten().IndexSelect(0, at.Flatten()).Reshape(at.Shape);
        }

        /// <summary>A new root with the places that the view shows replaced.</summary>
        public void Write(Look[] path, Tensor values)
        {
            Tensor at = PlacesOf(path).Flatten();
            Tensor keep = Tensor.Ones([Functional.Count], DType.Float64).IndexFill(0, at, 0);
            Functional = (Functional.Flatten() * keep + Tensor.Zeros([Functional.Count], DType.Float64).IndexAdd(0, at, values.Flatten())).Reshape(Functional.Shape);
        }
    }

    static Look RandomLook(Random r, Tensor v)
    {
        while (true)
        {
            int d = v.Rank == 0 ? 0 : r.Next(v.Rank), e = v.Rank == 0 ? 0 : r.Next(v.Rank);
            long n = v.Rank == 0 ? 0 : v.Shape[d];
            switch (r.Next(13))
            {
                case 0 when v.Rank > 1 && n > 0: { long i = r.NextInt64(n); return new($"select {d} {i}", x => x.Select(d, i)); }
                case 1 when n > 1: { long i = r.NextInt64(n), k = r.NextInt64(1, n - i + 1); return new($"narrow {d} {i} {k}", x => x.Narrow(d, i, k)); }
                case 2 when v.Rank == 1 && n > 2: { int i = r.Next((int)n - 1); return new($"[{i}::2]", x => x[TensorIndex.Slice(i, null, 2)]); }
                case 3 when v.Rank > 1: return new($"transpose {d} {e}", x => x.Transpose(d, e));
                case 4 when v.Rank > 2: { long[] order = [.. Enumerable.Range(0, v.Rank).Select(k => (long)k)]; r.Shuffle(order); return new($"permute {string.Join(' ', order)}", x => x.Permute(order)); }
                case 5 when v.IsContiguous && v.Rank > 0: return new("view −1", x => x.View(-1));
                case 6 when v.IsContiguous && v.Count % 2 == 0 && v.Count > 2: return new("view 2 −1", x => x.View(2, -1));
                case 7: { int k = r.Next(v.Rank + 1); return v.Rank < 4 ? new($"unsqueeze {k}", x => x.Unsqueeze(k)) : new("squeeze", x => x.Squeeze()); }
                case 8 when v.Rank > 1 && d != e: return new($"diagonal {d} {e}", x => x.Diagonal(0, d, e));
                case 9 when n > 1: return new($"unfold {d} 2 2", x => x.Unfold(d, 2, 2));
                case 10 when n > 2: return new($"unfold {d} 2 1", x => x.Unfold(d, 2, 1));            // overlaps: to be read only
                case 11 when v.Rank is > 0 and < 3: return new("expand 2 …", x => x.Unsqueeze(0).Expand([2, .. x.Shape.Span]));
                case 12 when v.Rank == 2: return new("mT", x => x.MT);
            }
        }
    }

    /// <summary>The in-place operations and what they compute. Those of one argument read its old values in their derivatives, or the new ones.</summary>
    static readonly (string Text, Func<Tensor, Tensor, Tensor> InPlace, Func<Tensor, Tensor, Tensor> Pure)[] s_writes =
    [
        ("mul", (v, o) => v.MulInPlace(o), (v, o) => v * o),
        ("add", (v, o) => v.AddInPlace(o), (v, o) => v + o),
        ("sub", (v, o) => v.SubInPlace(o), (v, o) => v - o),
        ("copy", (v, o) => v.CopyInPlace(o), (v, o) => o.Expand(v.Shape)),
        ("fill", (v, o) => v.FillInPlace(0.25), (v, o) => v * 0 + 0.25),
        ("zero", (v, o) => v.ZeroInPlace(), (v, o) => v * 0),
        ("sin", (v, o) => v.SinInPlace(), (v, o) => v.Sin()),
        ("square", (v, o) => v.PowInPlace(2), (v, o) => v * v),
        ("div", (v, o) => v.DivInPlace(o.Square() + 1), (v, o) => v / (o.Square() + 1)),
        ("neg", (v, o) => v.NegInPlace(), (v, o) => -v),
        ("operator +=", (v, o) => { v += o; return v; }, (v, o) => v + o),
    ];

    static (Tensor Loss, List<string> Text) Run(int seed, Tensor x, Tensor w, bool functionally)
    {
        Random r = new(seed);
        List<string> text = [];
        Tensor root = x * 1.5 + 0.1;
        Written p = new(root) { Functional = root };
        for (int step = 0; step < 12; step++)
        {
            int at = r.Next(p.Views.Count);
            (Tensor view, Look[] path) = p.Views[at];
            if (r.Next(2) == 0 || view.Count == 0)
            {
                if (view.Count == 0) continue;
                Look look = RandomLook(r, view);
                text.Add($"v{p.Views.Count} = v{at}.{look.Text}");
                p.Views.Add((look.See(view), [.. path, look]));
                continue;
            }
            if (p.PlacesOf(path).ToArray<long>() is var places && places.Distinct().Count() < places.Length) continue;
            var write = s_writes[r.Next(s_writes.Length)];
            // The other argument: one number of w, or what a view shows, copied.
            int other = r.Next(p.Views.Count);
            bool useView = r.Next(3) == 0 && p.Views[other].View.Shape == view.Shape;
            long k = r.Next((int)w.Count);
            Tensor o = !useView ? w.Select(0, k) : functionally ? p.Read(p.Views[other].Path) : p.Views[other].View.Clone();
            text.Add($"v{at}.{write.Text}({(useView ? $"v{other}" : $"w{k}")})");
            if (functionally) p.Write(path, write.Pure(p.Read(path), o));
            else write.InPlace(view, o);
        }
        Tensor loss = Tensor.FromScalar(0.0);
        for (int i = 0; i < p.Views.Count; i++)
        {
            Tensor v = functionally ? p.Read(p.Views[i].Path) : p.Views[i].View;
            loss = loss + (v * (v + 0.5 + i)).Sum() / 16;
        }
        return (loss, text);
    }

    [Theory]
    [InlineData(2, 6)]
    [InlineData(4, 3)]
    [InlineData(2, 3, 4)]
    [InlineData(5)]
    public void Random_programs_have_the_gradients_of_the_same_program_written_functionally(params int[] shape)
    {
        long[] sizes = [.. shape.Select(n => (long)n)];
        Tensor x0 = Tensor.Rand(sizes, DType.Float64, generator: new Generator(1)) - 0.5, w0 = Tensor.Rand([4], DType.Float64, generator: new Generator(2)) + 0.5;
        for (int seed = 0; seed < 150; seed++)
        {
            Tensor x = x0.Clone().SetRequiresGrad(), w = w0.Clone().SetRequiresGrad(), a = x0.Clone().SetRequiresGrad(), b = w0.Clone().SetRequiresGrad();
            (Tensor loss, List<string> text) = Run(seed, x, w, functionally: false);
            (Tensor same, _) = Run(seed, a, b, functionally: true);
            string program = $"shape ({string.Join(", ", shape)}), seed {seed}:\n{string.Join('\n', text)}\n";
            Assert.True(Math.Abs(loss.Item<double>() - same.Item<double>()) <= 1e-9 * (1 + Math.Abs(same.Item<double>())), $"{program}loss {loss.Item<double>()} instead of {same.Item<double>()}");
            try { loss.Backward(); }
            catch (Exception e) { Assert.Fail($"{program}{e}"); }
            same.Backward();
            Assert.True(Near(x.Grad, a.Grad) && Near(w.Grad, b.Grad), $"{program}gradients {x.Grad}\n{w.Grad}\ninstead of {a.Grad}\n{b.Grad}");
        }

        static bool Near(Tensor? p, Tensor? q) => p is null || q is null ? (p ?? q) is null || (p ?? q)!.Abs().Max().Item<double>() == 0 : p.AllClose(q, 1e-9, 1e-9);
    }

    [Fact]
    public void Random_programs_have_the_gradients_of_finite_differences()
    {
        Tensor x0 = Tensor.Rand([2, 3], DType.Float64, generator: new Generator(3)) - 0.5, w0 = Tensor.Rand([4], DType.Float64, generator: new Generator(4)) + 0.5;
        for (int seed = 0; seed < 20; seed++)
        {
            int s = 1000 + seed;
            Assert.Null(GradCheck.Run(t => [Run(s, t[0], t[1], functionally: false).Loss], [x0.Clone().SetRequiresGrad(), w0.Clone().SetRequiresGrad()]));
        }
    }
}
