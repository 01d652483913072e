using Flambeau.Ops;

namespace Flambeau;

public partial class Tensor
{
    /// <summary>Stretches of an axis reduced to one element each. PyTorch's <c>segment_reduce</c>.</summary>
    /// <param name="reduce"><c>"max"</c>, <c>"mean"</c>, <c>"min"</c>, <c>"sum"</c> or <c>"prod"</c>.</param>
    /// <param name="lengths">How long the stretches are, in order: integers, (…, segments), with the axes before <paramref name="axis"/> in front.</param>
    /// <param name="indices">Not supported, as in PyTorch.</param>
    /// <param name="offsets">Or where they begin, and where the last one ends: (…, segments + 1).</param>
    /// <param name="axis">The axis.</param>
    /// <param name="unsafe">Whether lengths need not make up the whole axis.</param>
    /// <param name="initial">What each reduction begins with; by default the identity, and NaN for the mean of nothing.</param>
    /// <exception cref="ArgumentException">Neither or both of lengths and offsets are given, or they do not fit.</exception>
    public Tensor SegmentReduce(string reduce, Tensor? lengths = null, Tensor? indices = null, Tensor? offsets = null, int axis = 0, bool @unsafe = false, Scalar? initial = null)
    {
        const string op = "SegmentReduce";
        if (reduce is not ("max" or "mean" or "min" or "sum" or "prod")) throw new ArgumentException($"{op}: reduce is \"max\", \"mean\", \"min\", \"sum\" or \"prod\", not \"{reduce}\".", nameof(reduce));
        if (indices is not null) throw new ArgumentException($"{op}: stretches are told by lengths or offsets, not by indices.", nameof(indices));
        if (!DType.IsFloatingPoint) throw new ArgumentException($"{op}: the tensor is {DType}; it must be floating point.");
        if (lengths is null == offsets is null) throw new ArgumentException($"{op}: give either lengths or offsets.");
        if (DType.IsLowPrecision) return Float().SegmentReduce(reduce, lengths, indices, offsets, axis, @unsafe, initial).To(DType);
        axis = Layout.Axis(axis, Rank, op);
        Tensor given = (lengths ?? offsets)!;
        if (!given.DType.IsInteger || Rank == 0 || given.Rank != axis + 1 || given.Shape[..^1] != Shape[..axis])
            throw new ArgumentException($"{op}: {(lengths is null ? "offsets" : "lengths")} are {given.DType} {given.Shape}; for axis {axis} of {Shape}, integers of shape {Shape[..axis]} and one axis more are wanted.");
        long n = Shape[axis], rows = Shape[..axis].Count, each = given.Shape[^1], segments = lengths is null ? each - 1 : each;
        if (segments < 0) throw new ArgumentException($"{op}: offsets end with where the last stretch ends, so there is at least one.", nameof(offsets));
        long[] told = given.ToArray<long>(), to = new long[rows * n];
        var counts = new double[rows * segments];
        for (long r = 0; r < rows; r++)
        {
            Array.Fill(to, segments, (int)(r * n), (int)n);                       // elements of no stretch go to one past the last
            long at = lengths is null && each > 0 ? told[r * each] : 0;
            for (long k = 0; k < segments; k++)
            {
                long length = lengths is null ? told[r * each + k + 1] - told[r * each + k] : told[r * each + k];
                if (length < 0 || at < 0 || at + length > n) throw new ArgumentException($"{op}: a stretch of {length} elements from {at} on does not lie within axis {axis} of {Shape}.");
                Array.Fill(to, k, (int)(r * n + at), (int)length);
                counts[r * segments + k] = length;
                at += length;
            }
            if (!@unsafe && lengths is not null && at != n) throw new ArgumentException($"{op}: the lengths add up to {at}, but axis {axis} of {Shape} has {n} elements. Pass unsafe: true to leave some out.");
        }
        Dims rest = Shape[(axis + 1)..];
        long[] ones = [.. Enumerable.Repeat(1L, rest.Length)];
        Tensor place = From<long>(to, [.. Shape.Span[..axis], n, .. ones]).Expand(Shape);
        double start = initial is { } s ? s.Value.Real : reduce switch { "max" => double.NegativeInfinity, "min" => double.PositiveInfinity, "prod" => 1, _ => 0 };
        Tensor first = Full([.. Shape.Span[..axis], segments + 1, .. rest.Span], start, DType);
        Tensor y = reduce switch
        {
            "sum" or "mean" => first.ScatterAdd(axis, place, this),
            "prod" => first.ScatterReduce(axis, place, this, "prod"),
            _ => first.ScatterReduce(axis, place, this, reduce == "max" ? "amax" : "amin", includeSelf: false),
        };
        y = y.Narrow(axis, 0, segments);
        if (reduce is "max" or "min") return initial is null ? y : Where(reduce == "max" ? y < start : y > start, start, y);
        if (reduce != "mean") return y;
        Tensor count = From<double>(counts, [.. Shape.Span[..axis], segments, .. ones]).To(DType), empty = count.Eq(0);
        return Where(empty, initial is null ? double.NaN : start, y / Where(empty, 1.0, count));
    }
}
