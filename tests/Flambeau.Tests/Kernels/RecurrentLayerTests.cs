using Flambeau.Backends;
using Flambeau.Nn;
using Xunit;

namespace Flambeau.Tests.Kernels;

/// <summary>A layer in one kernel against its cells, step by step.</summary>
[Collection(nameof(ThreadCount))]
public sealed class RecurrentLayerTests
{
    // Steps, rows, width: within and beyond a lane, a panel and a tile; one row, which is read where it lies; and enough work for several threads.
    public static TheoryData<string, int, int, int> Cases
    {
        get
        {
            TheoryData<string, int, int, int> all = [];
            foreach (string kind in (string[])["lstm", "gru", "tanh", "relu"])
                foreach ((int t, int n, int h) in ((int, int, int)[])[(1, 1, 1), (5, 1, 16), (4, 2, 5), (3, 3, 33), (3, 13, 40), (2, 25, 70), (4, 1, 150), (20, 1, 70), (18, 1, 256), (3, 40, 96)])
                    all.Add(kind, t, n, h);
            return all;
        }
    }

    static Tensor Draw(Generator g, double scale, params long[] shape) => (Tensor.Randn(shape, DType.Float64, generator: g) * scale).Detach().SetRequiresGrad();

    static Tensor[] Inputs(string kind, int n, int h, int steps, bool biases)
    {
        Generator g = new(7);
        long gates = kind == "lstm" ? 4 : kind == "gru" ? 3 : 1, input = 3;
        double scale = 0.5 / Math.Sqrt(h);
        List<Tensor> x = [Draw(g, 1, steps, n, input), Draw(g, 1, 2, n, h), Draw(g, 1, 2, n, h)];
        for (int d = 0; d < 2; d++)
        {
            x.AddRange([Draw(g, 1, gates * h, input), Draw(g, scale, gates * h, h)]);
            if (biases) x.AddRange([Draw(g, 1, gates * h), Draw(g, 1, gates * h)]);
        }
        return [.. x];
    }

    static Tensor[] Layer(string kind, Tensor[] x, bool biases)
    {
        if (kind == "lstm")
        {
            (Tensor y, Tensor h, Tensor c) = F.Lstm(x[0], (x[1], x[2]), x[3..], biases, bidirectional: true);
            return [y, h, c];
        }
        (Tensor Output, Tensor H) r = kind == "gru" ? F.Gru(x[0], x[1], x[3..], biases, bidirectional: true)
            : kind == "tanh" ? F.RnnTanh(x[0], x[1], x[3..], biases, bidirectional: true) : F.RnnRelu(x[0], x[1], x[3..], biases, bidirectional: true);
        return [r.Output, r.H];
    }

    static Tensor[] Cells(string kind, Tensor[] x, bool biases)
    {
        int each = biases ? 4 : 2;
        List<Tensor> outputs = [], hs = [], cs = [];
        for (int d = 0; d < 2; d++)
        {
            Tensor[] w = x[(3 + d * each)..(3 + (d + 1) * each)];
            Tensor? a = biases ? w[2] : null, b = biases ? w[3] : null;
            Tensor h = x[1].Select(0, d), c = x[2].Select(0, d);
            var y = new Tensor[x[0].Shape[0]];
            for (int i = 0; i < y.Length; i++)
            {
                int t = d == 1 ? y.Length - 1 - i : i;
                Tensor now = x[0].Select(0, t);
                if (kind == "lstm") (h, c) = F.LstmCell(now, (h, c), w[0], w[1], a, b);
                else h = kind == "gru" ? F.GruCell(now, h, w[0], w[1], a, b) : kind == "tanh" ? F.RnnTanhCell(now, h, w[0], w[1], a, b) : F.RnnReluCell(now, h, w[0], w[1], a, b);
                y[t] = h;
            }
            outputs.Add(Tensor.Stack(y));
            hs.Add(h);
            cs.Add(c);
        }
        Tensor all = Tensor.Cat([.. outputs], -1);
        return kind == "lstm" ? [all, Tensor.Stack(hs), Tensor.Stack(cs)] : [all, Tensor.Stack(hs)];
    }

    static Tensor Loss(Tensor[] y)
    {
        Tensor sum = Tensor.Zeros([], DType.Float64);
        for (int i = 0; i < y.Length; i++) sum += (y[i] * Tensor.Arange(y[i].Count).Double().Cos().Reshape(y[i].Shape)).Sum();
        return sum;
    }

    static void AssertClose(Tensor want, Tensor got, double tolerance)
    {
        Assert.Equal(want.Shape, got.Shape);
        double scale = Math.Max(1, want.Abs().Max().Item<double>());
        Assert.InRange((want - got).Abs().Max().Item<double>(), 0, tolerance * scale);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Layers_and_their_gradients_are_those_of_their_cells(string kind, int steps, int n, int h)
    {
        foreach (bool biases in (bool[])[true, false])
        {
            Tensor[] x = Inputs(kind, n, h, steps, biases), used = kind == "lstm" ? x : [.. x[..2], .. x[3..]];
            Tensor[] want = Cells(kind, x, biases), got = Layer(kind, x, biases);
            for (int i = 0; i < want.Length; i++) AssertClose(want[i], got[i], 1e-12);
            using (Autograd.NoGrad())                                           // nothing is kept
            {
                Tensor[] plain = Layer(kind, x, biases);
                for (int i = 0; i < want.Length; i++) Assert.Equal(got[i].ToArray<double>(), plain[i].ToArray<double>());
                using (Backend.Reference.Use()) plain = Layer(kind, x, biases);
                for (int i = 0; i < want.Length; i++) AssertClose(want[i], plain[i], 1e-12);
            }
            Tensor?[] wantGrad = Autograd.Grad([Loss(want)], used), gotGrad = Autograd.Grad([Loss(got)], used);
            for (int i = 0; i < used.Length; i++) AssertClose(wantGrad[i]!, gotGrad[i]!, 1e-11);
            // Only what was used: the state at the end.
            wantGrad = Autograd.Grad([Loss(Cells(kind, x, biases)[1..])], used);
            gotGrad = Autograd.Grad([Loss(Layer(kind, x, biases)[1..])], used);
            for (int i = 0; i < used.Length; i++) AssertClose(wantGrad[i]!, gotGrad[i]!, 1e-11);
        }
    }

    [Theory]
    [InlineData("lstm")]
    [InlineData("gru")]
    [InlineData("tanh")]
    public void Second_derivatives_and_transforms_are_those_of_the_cells(string kind)
    {
        Tensor[] x = Inputs(kind, 3, 5, 4, true), used = kind == "lstm" ? x : [.. x[..2], .. x[3..]];
        Tensor?[] Second(Func<string, Tensor[], bool, Tensor[]> f) =>
            Autograd.Grad([Autograd.Grad([Loss(f(kind, x, true))], [x[0], x[4]], createGraph: true).Select(g => g!.Square().Sum()).Aggregate((a, b) => a + b)], used, allowUnused: true);
        Tensor?[] want = Second(Cells), got = Second(Layer);
        for (int i = 0; i < used.Length; i++) AssertClose(want[i]!, got[i]!, 1e-10);

        Tensor along = Tensor.Arange(x[0].Count).Double().Sin().Reshape(x[0].Shape);
        Tensor Of(Func<string, Tensor[], bool, Tensor[]> f, Tensor input) => f(kind, [input, .. x[1..]], true)[0];
        AssertClose(Func.Jvp(t => Of(Cells, t), x[0].Detach(), along).Jvp, Func.Jvp(t => Of(Layer, t), x[0].Detach(), along).Jvp, 1e-12);

        Tensor many = Tensor.Stack([x[0].Detach(), along]);
        AssertClose(Func.Vmap(t => Of(Cells, t))(many), Func.Vmap(t => Of(Layer, t))(many), 1e-12);
        Tensor weights = Tensor.Stack([x[4].Detach(), x[4].Detach() * 0.5]);
        Tensor With(Func<string, Tensor[], bool, Tensor[]> f, Tensor w) => f(kind, [.. x[..4], w, .. x[5..]], true)[0];
        AssertClose(Func.Vmap(w => With(Cells, w))(weights), Func.Vmap(w => With(Layer, w))(weights), 1e-12);
    }

    [Theory]
    [InlineData("lstm", 6, 1)]
    [InlineData("lstm", 20, 1)]
    [InlineData("gru", 20, 1)]
    [InlineData("lstm", 6, 9)]
    [InlineData("gru", 6, 5)]
    [InlineData("tanh", 6, 64)]
    public void The_number_of_threads_does_not_show(string kind, int steps, int n)
    {
        Tensor[] x = [.. Inputs(kind, n, 200, steps, true).Select(t => t.Detach().To(DType.Float32).SetRequiresGrad())], used = kind == "lstm" ? x : [.. x[..2], .. x[3..]];
        int before = Threads.Count;
        try
        {
            float[][] All(int threads)
            {
                Threads.Count = threads;
                Tensor[] y = Layer(kind, x, true);
                return [.. y.Concat(Autograd.Grad([.. y.Select(t => t.Sum())], used).Select(g => g!)).Select(t => t.ToArray<float>())];
            }
            float[][] one = All(1);
            foreach (int threads in (int[])[2, 3, 7])
            {
                float[][] many = All(threads);
                for (int i = 0; i < one.Length; i++) Assert.Equal(one[i], many[i]);
            }
        }
        finally { Threads.Count = before; }
    }
}
