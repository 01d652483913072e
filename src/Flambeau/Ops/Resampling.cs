using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>How elements between given ones are found.</summary>
internal enum Resampler { Nearest, NearestExact, Linear, Cubic }

/// <summary>A matrix of few numbers: element i of a result is the sum of x[Index[k]] · Weight[k] over Start[i] ≤ k &lt; Start[i + 1].</summary>
internal sealed record Taps(int[] Start, int[] Index, double[] Weight)
{
    /// <summary>The transposed matrix, for an axis of <paramref name="n"/> elements.</summary>
    public Taps Transposed(long n)
    {
        var start = new int[n + 1];
        foreach (int i in Index) start[i + 1]++;
        for (long i = 0; i < n; i++) start[i + 1] += start[i];
        int[] next = start[..^1], index = new int[Index.Length];
        var weight = new double[Index.Length];
        for (int i = 0; i + 1 < Start.Length; i++)
            for (int k = Start[i]; k < Start[i + 1]; k++)
            {
                int at = next[Index[k]]++;
                (index[at], weight[at]) = (i, Weight[k]);
            }
        return new(start, index, weight);
    }
}

/// <summary>How an axis of <paramref name="From"/> elements becomes one of <paramref name="To"/>: element i of the result lies at <paramref name="Step"/> · i of the input, or half an element beside.</summary>
internal readonly record struct Resampled(Resampler Kind, long From, long To, double Step, bool AlignCorners)
{
    public Taps Taps()
    {
        int each = Kind switch { Resampler.Cubic => 4, Resampler.Linear => 2, _ => 1 };
        int[] start = new int[To + 1], index = new int[To * each];
        var weight = new double[To * each];
        double step = !AlignCorners ? Step : To > 1 ? (From - 1.0) / (To - 1) : 0;
        for (int i = 0, k = 0; i < To; i++)
        {
            if (each == 1)
            {
                // In single precision, as PyTorch chooses elements for every type.
                float single = (float)step;
                (index[k], weight[k++]) = ((int)Math.Min((long)MathF.Floor(Kind == Resampler.NearestExact ? (float)((i + 0.5) * single) : i * single), From - 1), 1);
            }
            else
            {
                double at = AlignCorners ? i * step : (i + 0.5) * step - 0.5;
                if (Kind == Resampler.Linear) at = Math.Max(0, at);
                long low = (long)Math.Floor(at);
                double f = at - low;
                for (int tap = each == 4 ? -1 : 0; tap < (each == 4 ? 3 : 2); tap++, k++)
                    (index[k], weight[k]) = ((int)Math.Clamp(low + tap, 0, From - 1), each == 4 ? Cubic(Math.Abs(tap - f), -0.75) : tap == 0 ? 1 - f : f);
            }
            start[i + 1] = k;
        }
        return new(start, index, weight);
    }

    /// <summary>The weight at a distance d; R. Keys (1981).</summary>
    public static double Cubic(double d, double a) => d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/// <summary>An axis made longer or shorter.</summary>
internal sealed record Resample(int Axis, Resampled By) : Op
{
    protected internal override TensorSpec Infer(Args x) => new(new Dims([.. x[0].Shape.Span[..Axis], By.To, .. x[0].Shape.Span[(Axis + 1)..]]), x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) => d.WeightedTaps(x[0].MakeContiguous(), By.Taps(), Axis, y);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Apply(new ResampleInput(Axis, By), g)];

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!);

    protected internal override Tensor Batch(in Batched b) => Apply(this with { Axis = Axis + 1 }, b[0]);
}

/// <summary>The adjoint of <see cref="Resample"/>.</summary>
internal sealed record ResampleInput(int Axis, Resampled By) : Op
{
    protected internal override TensorSpec Infer(Args x) => new(new Dims([.. x[0].Shape.Span[..Axis], By.From, .. x[0].Shape.Span[(Axis + 1)..]]), x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) => d.WeightedTaps(x[0].MakeContiguous(), By.Taps().Transposed(By.From), Axis, y);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Apply(new Resample(Axis, By), g)];

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!);

    protected internal override Tensor Batch(in Batched b) => Apply(this with { Axis = Axis + 1 }, b[0]);
}
