namespace Flambeau;

// Covariances, quantiles, gradients of samples, histograms.
public partial class Tensor
{
    /// <summary>The covariances of variables (rows) over observations (columns): (V, N) → (V, V). PyTorch's <c>cov</c>.</summary>
    /// <param name="correction">What is subtracted from the number of observations.</param>
    /// <param name="fweights">How often each observation was made: (N) of integers.</param>
    /// <param name="aweights">How much each observation counts: (N).</param>
    /// <exception cref="ArgumentException">More than two axes, or weights that do not fit or are negative.</exception>
    public Tensor Cov(double correction = 1, Tensor? fweights = null, Tensor? aweights = null)
    {
        if (Rank > 2) throw new ArgumentException($"Cov: {Shape} has more than two axes; variables in rows and observations in columns are wanted.");
        if (DType == DType.Bool) throw new ArgumentException("Cov: bools have no covariance. Convert with To(dtype) first.");
        Tensor x = Rank < 2 ? Reshape(1, -1) : this;
        if (!DType.IsDifferentiable) x = x.To(DefaultDType);
        long n = x.Shape[1];
        Check(fweights, "fweights", true);
        Check(aweights, "aweights", false);
        Tensor? w = (fweights, aweights) switch { (null, null) => null, (_, null) => fweights, (null, _) => aweights, _ => fweights * aweights };
        Tensor total = w is null ? n : w.Sum(), mean = (w is null ? x : x * w).Sum(1, keepDim: true) / total;
        Tensor norm = total - (aweights is null || correction == 0 ? correction : correction * (w! * aweights).Sum() / total);
        Tensor d = x - mean, c = d.MatMul((w is null ? d : d * w).MT.Conj()) / norm.To(x.DType.Real).ClampMin(0);
        return c.Count == 1 ? c.Reshape([]) : c;

        void Check(Tensor? weights, string name, bool integers)
        {
            if (weights is null) return;
            if (weights.Rank > 1 || weights.Count != n) throw new ArgumentException($"Cov: {name} of shape {weights.Shape} do not fit {n} observations.");
            if (integers != weights.DType.IsInteger) throw new ArgumentException($"Cov: {name} must be {(integers ? "integers" : "floating point")}, not {weights.DType}.");
            if (weights.Count > 0 && weights.Lt(0).MayHold) throw new ArgumentException($"Cov: {name} must not be negative.");
        }
    }

    /// <summary>The correlations of variables (rows) over observations (columns): (V, N) → (V, V). PyTorch's <c>corrcoef</c>.</summary>
    public Tensor Corrcoef()
    {
        Tensor c = Cov();
        if (c.Rank == 0) return c / c;
        Tensor s = c.Diagonal().Real().Sqrt(), y = c / s.Unsqueeze(0) / s.Unsqueeze(1);
        // Rounding must not lead out of [−1, 1].
        return y.DType.IsComplex ? Complex(y.Real().Clamp(-1, 1), y.Imag().Clamp(-1, 1)) : y.Clamp(-1, 1);
    }

    /// <summary>The q-quantile along an axis, or of all elements. PyTorch's <c>quantile</c>.</summary>
    /// <param name="q">A scalar, or a vector whose axis comes first in the result; in [0, 1].</param>
    /// <param name="dim">The axis; null for all elements.</param>
    /// <param name="keepDim">Whether the axis stays, with size 1.</param>
    /// <param name="interpolation"><c>linear</c>, <c>lower</c>, <c>higher</c>, <c>midpoint</c> or <c>nearest</c>: what to answer between two elements.</param>
    /// <exception cref="ArgumentException">The tensor is empty or not float32 or float64, q is of another type or outside [0, 1], or the interpolation is none.</exception>
    public Tensor Quantile(Tensor q, int? dim = null, bool keepDim = false, string interpolation = "linear") => Quantile("Quantile", q, dim, keepDim, interpolation, false);

    /// <inheritdoc cref="Quantile(Tensor, int?, bool, string)"/>
    public Tensor Quantile(double q, int? dim = null, bool keepDim = false, string interpolation = "linear") => Quantile(FromScalar(q, DType), dim, keepDim, interpolation);

    /// <summary>As <see cref="Quantile(Tensor, int?, bool, string)"/>, of the elements that are not NaN. PyTorch's <c>nanquantile</c>.</summary>
    public Tensor NanQuantile(Tensor q, int? dim = null, bool keepDim = false, string interpolation = "linear") => Quantile("NanQuantile", q, dim, keepDim, interpolation, true);

    /// <inheritdoc cref="NanQuantile(Tensor, int?, bool, string)"/>
    public Tensor NanQuantile(double q, int? dim = null, bool keepDim = false, string interpolation = "linear") => NanQuantile(FromScalar(q, DType), dim, keepDim, interpolation);

    Tensor Quantile(string op, Tensor q, int? dim, bool keepDim, string interpolation, bool skipNan)
    {
        Tensor self = this;
        using var autocast = Amp.Enter("quantile", ref self, ref q);
        if (!ReferenceEquals(self, this)) return self.Quantile(op, q, dim, keepDim, interpolation, skipNan);
        if (DType is not (DType.Float32 or DType.Float64)) throw new ArgumentException($"{op}: float32 or float64 is wanted, not {DType}.");
        if (q.DType != DType) throw new ArgumentException($"{op}: q is {q.DType}, the tensor {DType}; one type is wanted.");
        if (q.Rank > 1) throw new ArgumentException($"{op}: q is a scalar or a vector, not of shape {q.Shape}.");
        if (Count == 0) throw new ArgumentException($"{op}: the tensor of shape {Shape} is empty.");
        if (interpolation is not ("linear" or "lower" or "higher" or "midpoint" or "nearest"))
            throw new ArgumentException($"{op}: interpolation is \"linear\", \"lower\", \"higher\", \"midpoint\" or \"nearest\", not \"{interpolation}\".");
        if (q.Ge(0).LogicalAnd(q.Le(1)).LogicalNot().MayHold) throw new ArgumentException($"{op}: q must lie in [0, 1].");

        int axis = dim is { } d ? Layout.Axis(d, Rank, op) : 0;
        Tensor x = dim is null || Rank == 0 ? Reshape(-1) : MoveDim(axis, -1);                            // (…, n)
        Tensor sorted = x.Sort(-1).Values;                                                                // NaN last
        Tensor last = skipNan ? (x.IsNan().LogicalNot().Sum(-1, keepDim: true) - 1).ClampMin(0) : FromScalar(x.Shape[^1] - 1);
        Tensor rank = q.Reshape(-1) * last.To(DType);                                                     // (…, Q)
        if (!skipNan) rank = rank.Expand([.. x.Shape.Span[..^1], q.Count]);
        // One NaN makes all quantiles of its line NaN: they are taken from the end, where it stands.
        if (!skipNan) rank = Where(sorted.Narrow(-1, x.Shape[^1] - 1, 1).IsNan(), (double)(x.Shape[^1] - 1), rank);
        rank = interpolation switch { "lower" => rank.Floor(), "higher" => rank.Ceil(), "nearest" => rank.Round(), _ => rank };
        Tensor below = rank.Detach().Long(), y = sorted.Gather(x.Rank - 1, below);
        if (interpolation is "linear" or "midpoint")
        {
            Tensor above = sorted.Gather(x.Rank - 1, rank.Detach().Ceil().Long());
            y = interpolation == "midpoint" ? y.Lerp(above, Full([], 0.5, DType)) : y.Lerp(above, rank - below);
        }
        // (…, Q) → (Q, …)
        if (dim is null || Rank == 0)
        {
            long[] ones = new long[keepDim ? Rank : 0];
            ones.AsSpan().Fill(1);
            return y.Reshape([.. q.Shape.Span, .. ones]);
        }
        y = y.MoveDim(-1, 0);
        if (keepDim) y = y.Unsqueeze(axis + 1);
        return q.Rank == 0 ? y.Squeeze(0) : y;
    }

    /// <summary>Gradients of sampled functions along axes, by central differences, and at the ends by one-sided ones. PyTorch's <c>gradient</c>.</summary>
    /// <param name="spacing">The distance of neighbours along each of the axes; 1 by default.</param>
    /// <param name="dim">The axes; all by default.</param>
    /// <param name="edgeOrder">1 or 2: the order of accuracy at the ends.</param>
    /// <returns>A tensor of this shape for each axis.</returns>
    /// <exception cref="ArgumentException">An axis is named twice or too short, spacings do not fit the axes, or the order is another.</exception>
    public Tensor[] Gradient(ReadOnlySpan<double> spacing = default, ReadOnlySpan<long> dim = default, int edgeOrder = 1)
    {
        int[] axes = GradientAxes(dim, edgeOrder);
        if (!spacing.IsEmpty && spacing.Length != axes.Length) throw new ArgumentException($"Gradient: {spacing.Length} spacings for {axes.Length} axes; one for each is wanted, or a single number for all.");
        var y = new Tensor[axes.Length];
        for (int i = 0; i < y.Length; i++)
        {
            double h = spacing.IsEmpty ? 1 : spacing[i];
            y[i] = Slopes(axes[i], Full([Shape[axes[i]] - 1], h, DType.IsDifferentiable ? DType : DefaultDType), edgeOrder);
        }
        return y;
    }

    /// <inheritdoc cref="Gradient(ReadOnlySpan{double}, ReadOnlySpan{long}, int)"/>
    /// <param name="spacing">The distance of neighbours along all axes.</param>
    /// <param name="dim">The axes; all by default.</param>
    /// <param name="edgeOrder">1 or 2: the order of accuracy at the ends.</param>
    public Tensor[] Gradient(double spacing, ReadOnlySpan<long> dim = default, int edgeOrder = 1)
    {
        double[] all = new double[dim.IsEmpty ? Rank : dim.Length];
        all.AsSpan().Fill(spacing);
        return Gradient(all, dim, edgeOrder);
    }

    /// <inheritdoc cref="Gradient(ReadOnlySpan{double}, ReadOnlySpan{long}, int)"/>
    /// <param name="spacing">The coordinates along each of the axes, vectors.</param>
    /// <param name="dim">The axes; all by default.</param>
    /// <param name="edgeOrder">1 or 2: the order of accuracy at the ends.</param>
    public Tensor[] Gradient(IReadOnlyList<Tensor> spacing, ReadOnlySpan<long> dim = default, int edgeOrder = 1)
    {
        int[] axes = GradientAxes(dim, edgeOrder);
        if (spacing.Count != axes.Length) throw new ArgumentException($"Gradient: coordinates for {spacing.Count} axes, but {axes.Length} axes.");
        var y = new Tensor[axes.Length];
        for (int i = 0; i < y.Length; i++)
        {
            if (spacing[i].Rank != 1 || spacing[i].Count != Shape[axes[i]]) throw new ArgumentException($"Gradient: coordinates of shape {spacing[i].Shape} for axis {axes[i]} of {Shape}.");
            y[i] = Slopes(axes[i], spacing[i].Diff(), edgeOrder);
        }
        return y;
    }

    int[] GradientAxes(ReadOnlySpan<long> dim, int edgeOrder)
    {
        if (edgeOrder is not (1 or 2)) throw new ArgumentException($"Gradient: edgeOrder is 1 or 2, not {edgeOrder}.");
        Ops.Axes.Of("Gradient", dim, Rank);
        int[] axes = new int[dim.IsEmpty ? Rank : dim.Length];
        for (int i = 0; i < axes.Length; i++)
        {
            axes[i] = dim.IsEmpty ? i : Layout.Axis(dim[i], Rank, "Gradient");
            if (Rank == 0 || Shape[axes[i]] < edgeOrder + 1) throw new ArgumentException($"Gradient: with edgeOrder {edgeOrder} an axis needs at least {edgeOrder + 1} elements; axis {axes[i]} of {Shape} has fewer.");
        }
        return axes;
    }

    /// <param name="axis">Along which.</param>
    /// <param name="h">Distances of neighbours: (n − 1).</param>
    /// <param name="edgeOrder">1 or 2.</param>
    Tensor Slopes(int axis, Tensor h, int edgeOrder)
    {
        Tensor x = (DType.IsDifferentiable ? this : To(DefaultDType)).MoveDim(axis, -1), h0 = h;
        long n = x.Shape[^1];
        Tensor At(long from, long count) => x.Narrow(-1, from, count);
        Tensor H(long from, long count) => h0.Narrow(0, from, count);
        List<Tensor> parts = [];
        Tensor a = H(0, n - 2), b = H(1, n - 2);
        // Second order between unequal distances a and b: (a² x₊ + (b² − a²) x₀ − b² x₋) / (a b (a + b))
        Tensor inner = n > 2 ? -b / (a * (a + b)) * At(0, n - 2) + (b - a) / (a * b) * At(1, n - 2) + a / (b * (a + b)) * At(2, n - 2) : x.Narrow(-1, 0, 0);
        if (edgeOrder == 1)
        {
            parts.Add((At(1, 1) - At(0, 1)) / H(0, 1));
            parts.Add(inner);
            parts.Add((At(n - 1, 1) - At(n - 2, 1)) / H(n - 2, 1));
        }
        else
        {
            Tensor p = H(0, 1), q = H(1, 1), r = H(n - 3, 1), s = H(n - 2, 1);
            parts.Add(-(2 * p + q) / (p * (p + q)) * At(0, 1) + (p + q) / (p * q) * At(1, 1) - p / (q * (p + q)) * At(2, 1));
            parts.Add(inner);
            parts.Add(s / (r * (r + s)) * At(n - 3, 1) - (r + s) / (r * s) * At(n - 2, 1) + (2 * s + r) / (s * (r + s)) * At(n - 1, 1));
        }
        return Cat(parts, -1).MoveDim(-1, axis);
    }

    /// <summary>How many elements lie in each of equal bins. PyTorch's <c>histogram</c>.</summary>
    /// <param name="bins">How many bins.</param>
    /// <param name="range">Where the first begins and the last ends; by default the smallest and the largest element.</param>
    /// <param name="weight">How much each element counts.</param>
    /// <param name="density">Whether to answer densities, whose integral is 1.</param>
    /// <returns>The counts (bins) and the edges (bins + 1), in this tensor's type.</returns>
    /// <exception cref="ArgumentException">The tensor is not floating point, or an argument does not fit.</exception>
    public (Tensor Hist, Tensor BinEdges) Histogram(long bins, (double, double)? range = null, Tensor? weight = null, bool density = false)
    {
        (Tensor hist, Tensor[] edges) = Reshape(-1, 1).HistogramDd([bins], range is { } r ? [r.Item1, r.Item2] : default, weight?.Reshape(-1), density);
        return (hist, edges[0]);
    }

    /// <summary>How many elements lie between neighbouring edges, which must ascend: they are searched by bisection, and of others the answer has no meaning.</summary>
    /// <inheritdoc cref="Histogram(long, ValueTuple{double, double}?, Tensor, bool)"/>
    public (Tensor Hist, Tensor BinEdges) Histogram(Tensor bins, Tensor? weight = null, bool density = false) =>
        (Reshape(-1, 1).HistogramDd([bins], weight?.Reshape(-1), density).Hist, bins);

    /// <summary>How many points (the rows of the last axis) lie in each cell of a grid of equal bins: (…, D) → (bins₀, …). PyTorch's <c>histogramdd</c>.</summary>
    /// <param name="bins">How many bins along each of the D coordinates; one number for all.</param>
    /// <param name="range">The ends along each coordinate, 2 D numbers; by default the smallest and the largest.</param>
    /// <param name="weight">How much each point counts.</param>
    /// <param name="density">Whether to answer densities, whose integral is 1.</param>
    /// <exception cref="ArgumentException">The tensor is not floating point, or an argument does not fit.</exception>
    public (Tensor Hist, Tensor[] BinEdges) HistogramDd(ReadOnlySpan<long> bins, ReadOnlySpan<double> range = default, Tensor? weight = null, bool density = false)
    {
        int dims = HistogramDims();
        if (bins.Length != dims && bins.Length != 1) throw new ArgumentException($"HistogramDd: {bins.Length} numbers of bins for {dims} coordinates.");
        if (!range.IsEmpty && range.Length != 2 * dims) throw new ArgumentException($"HistogramDd: a range has two ends for each of {dims} coordinates, not {range.Length} numbers in all.");
        Tensor x = Detach().Reshape(-1, dims);
        var edges = new Tensor[dims];
        for (int d = 0; d < dims; d++)
        {
            long n = bins[bins.Length == 1 ? 0 : d];
            if (n < 1) throw new ArgumentException($"HistogramDd: {n} bins; at least one is wanted.");
            double low = range.IsEmpty ? x.Count == 0 ? 0 : x.Select(1, d).Min().Item<double>() : range[2 * d], high = range.IsEmpty ? x.Count == 0 ? 1 : x.Select(1, d).Max().Item<double>() : range[2 * d + 1];
            if (!double.IsFinite(low) || !double.IsFinite(high) || low > high) throw new ArgumentException($"HistogramDd: [{low}, {high}] is no range.");
            if (low == high) (low, high) = (low - 0.5, high + 0.5);
            edges[d] = Linspace(low, high, n + 1, DType);
        }
        return (HistogramDd(edges, weight, density).Hist, edges);
    }

    /// <summary>How many points (the rows of the last axis) lie in each cell between neighbouring edges, which must ascend.</summary>
    /// <inheritdoc cref="HistogramDd(ReadOnlySpan{long}, ReadOnlySpan{double}, Tensor, bool)"/>
    public (Tensor Hist, Tensor[] BinEdges) HistogramDd(IReadOnlyList<Tensor> bins, Tensor? weight = null, bool density = false)
    {
        int dims = HistogramDims();
        if (bins.Count != dims) throw new ArgumentException($"HistogramDd: edges for {bins.Count} coordinates, but points of {dims}.");
        Tensor x = Detach().Reshape(-1, dims);
        if (weight is not null && (weight.Count != x.Shape[0] || weight.DType != DType)) throw new ArgumentException($"HistogramDd: weights of shape {weight.Shape} and type {weight.DType} for {x.Shape[0]} points of {DType}.");
        Tensor cell = Zeros([x.Shape[0]], DType.Int64), inside = Ones([x.Shape[0]], DType.Bool);
        var shape = new long[dims];
        for (int d = 0; d < dims; d++)
        {
            Tensor edges = bins[d].Detach(), v = x.Select(1, d).Contiguous();
            if (edges.Rank != 1 || edges.Count < 2 || edges.DType != DType) throw new ArgumentException($"HistogramDd: edges are a vector of {DType} with at least 2 elements, not {edges.DType} {edges.Shape}.");
            shape[d] = edges.Count - 1;
            Tensor at = SearchSorted(edges.Contiguous(), v, right: true) - 1;
            at = Where(v.Eq(edges.Select(0, -1)), shape[d] - 1, at);                                       // the last bin has both its ends
            inside = inside.LogicalAnd(v.Ge(edges.Select(0, 0))).LogicalAnd(v.Le(edges.Select(0, -1)));
            cell = cell * shape[d] + at.Clamp(0, shape[d] - 1);
        }
        Tensor counted = (weight?.Detach().Reshape(-1) ?? Ones([x.Shape[0]], DType)) * inside.To(DType);
        Tensor hist = Zeros([new Dims(shape).Count], DType).IndexAdd(0, cell, counted).Reshape(shape);
        if (!density) return (hist, [.. bins]);
        hist /= hist.Sum();
        for (int d = 0; d < dims; d++)
        {
            long[] along = new long[dims];
            along.AsSpan().Fill(1);
            along[d] = shape[d];
            hist /= bins[d].Diff().Reshape(along);
        }
        return (hist, [.. bins]);
    }

    int HistogramDims() => DType is not (DType.Float32 or DType.Float64) ? throw new ArgumentException($"Histogram: float32 or float64 is wanted, not {DType}.")
        : Rank < 2 ? throw new ArgumentException($"HistogramDd: points lie along the last of at least two axes, not in {Shape}.") : (int)Shape[^1];
}
