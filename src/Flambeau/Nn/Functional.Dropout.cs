namespace Flambeau.Nn;

// Dropout: x · mask/(1 − p), so that expectations stay (Srivastava et al. 2014).
public static partial class F
{
    /// <summary>In training, each element 0 with probability p, the others scaled by 1/(1 − p). PyTorch's <c>dropout</c>.</summary>
    /// <param name="input">Any shape.</param>
    /// <param name="p">The probability of 0.</param>
    /// <param name="training">Whether anything is dropped.</param>
    /// <param name="inPlace">Whether the input itself is changed.</param>
    /// <exception cref="ArgumentException">p is not within [0, 1].</exception>
    public static Tensor Dropout(Tensor input, double p = 0.5, bool training = true, bool inPlace = false) =>
        Drop("Dropout", input, p, training, inPlace, input.Shape);

    /// <summary>As <see cref="Dropout"/>, whole channels of (N, C, L) or (C, L) at a time. PyTorch's <c>dropout1d</c>.</summary>
    /// <inheritdoc cref="Dropout"/>
    public static Tensor Dropout1d(Tensor input, double p = 0.5, bool training = true, bool inPlace = false) =>
        input.Rank is 2 or 3 ? DropChannels("Dropout1d", input, p, training, inPlace, input.Rank == 2)
        : throw new ArgumentException($"Dropout1d: the input has shape {input.Shape}; it must be (N, C, L) or (C, L).");

    /// <summary>As <see cref="Dropout"/>, whole channels of (N, C, H, W) at a time; (N, C, L) is taken as such. PyTorch's <c>dropout2d</c>.</summary>
    /// <inheritdoc cref="Dropout"/>
    public static Tensor Dropout2d(Tensor input, double p = 0.5, bool training = true, bool inPlace = false) =>
        DropChannels("Dropout2d", input, p, training, inPlace, false);

    /// <summary>As <see cref="Dropout"/>, whole channels of (N, C, D, H, W) or (C, D, H, W) at a time. PyTorch's <c>dropout3d</c>.</summary>
    /// <inheritdoc cref="Dropout"/>
    public static Tensor Dropout3d(Tensor input, double p = 0.5, bool training = true, bool inPlace = false) =>
        DropChannels("Dropout3d", input, p, training, inPlace, input.Rank is > 0 and not 5);

    /// <summary>Dropout that keeps the mean 0 and variance 1 of <see cref="Selu"/>'s results. PyTorch's <c>alpha_dropout</c> (Klambauer et al. 2017).</summary>
    /// <inheritdoc cref="Dropout"/>
    public static Tensor AlphaDropout(Tensor input, double p = 0.5, bool training = false, bool inPlace = false) =>
        Drop("AlphaDropout", input, p, training, inPlace, input.Shape, alpha: true);

    /// <summary>As <see cref="AlphaDropout"/>, whole channels of (N, C, …) at a time. PyTorch's <c>feature_alpha_dropout</c>.</summary>
    /// <inheritdoc cref="Dropout"/>
    public static Tensor FeatureAlphaDropout(Tensor input, double p = 0.5, bool training = false, bool inPlace = false) =>
        DropChannels("FeatureAlphaDropout", input, p, training, inPlace, false, alpha: true);

    static Tensor DropChannels(string op, Tensor input, double p, bool training, bool inPlace, bool isOneSample, bool alpha = false)
    {
        if (input.Rank < (isOneSample ? 1 : 2) && training && p > 0) throw new ArgumentException($"{op}: the input has shape {input.Shape}; it must be (N, C, …).");
        if (input.Rank < 2) return Drop(op, input, p, training, inPlace, input.Shape, alpha);
        Dims mask = isOneSample ? [input.Shape[0], .. Enumerable.Repeat(1L, input.Rank - 1)]
            : [.. input.Shape.Span[..2], .. Enumerable.Repeat(1L, input.Rank - 2)];
        return Drop(op, input, p, training, inPlace, mask, alpha);
    }

    static Tensor Drop(string op, Tensor input, double p, bool training, bool inPlace, Dims mask, bool alpha = false)
    {
        if (!(p is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(p), $"{op}: p is {p}; a probability lies in [0, 1].");
        if (!training || p == 0 || input.Count == 0) return input;
        if (!input.DType.IsDifferentiable) throw new ArgumentException($"{op}: the input is {input.DType}; it must be floating point.");
        if (p == 1) return inPlace ? input.MulInPlace(0) : input * 0;
        Tensor kept = Tensor.Empty(mask, input.DType, input.Device).BernoulliInPlace(1 - p);
        if (!alpha)
        {
            kept.DivInPlace(1 - p);
            return inPlace ? input.MulInPlace(kept) : input * kept;
        }
        const double floor = 1.7580993408473766;                                   // −SELU(−∞), where dropped elements go
        double a = 1 / Math.Sqrt((floor * floor * p + 1) * (1 - p));
        Tensor shift = (kept - 1) * (floor * a) + floor * a * p;
        return inPlace ? input.MulInPlace(kept * a).AddInPlace(shift) : input * (kept * a) + shift;
    }

    /// <summary>x where positive, else slope · x with a slope drawn for each element in training, and the middle one otherwise. PyTorch's
    /// <c>rrelu</c>.</summary>
    /// <param name="input">Any shape.</param>
    /// <param name="lower">The least slope.</param>
    /// <param name="upper">The largest slope.</param>
    /// <param name="training">Whether slopes are drawn.</param>
    /// <param name="inPlace">Whether the input itself is changed.</param>
    /// <exception cref="ArgumentException">The bounds are reversed.</exception>
    public static Tensor Rrelu(Tensor input, double lower = 1.0 / 8, double upper = 1.0 / 3, bool training = false, bool inPlace = false)
    {
        if (!(lower <= upper)) throw new ArgumentException($"Rrelu: lower {lower} exceeds upper {upper}.");
        if (!training) return LeakyRelu(input, (lower + upper) / 2, inPlace);
        if (!ReferenceEquals(input.Behind, input))            // of many examples, for each element
        {
            Tensor each = Tensor.Where(input.Detach().Le(0), Tensor.EmptyLike(input).UniformInPlace(lower, upper), 1);
            return inPlace ? input.MulInPlace(each) : input * each;
        }
        // A number is drawn for each element that falls, in order: PyTorch's stream.
        bool[] falls = input.Detach().Le(0).ToArray<bool>();
        double[] drawn = Tensor.Empty([falls.Count(f => f)], DType.Float64).UniformInPlace(lower, upper).ToArray<double>(), slopes = new double[falls.Length];
        for (int i = 0, k = 0; i < slopes.Length; i++) slopes[i] = falls[i] ? drawn[k++] : 1;
        Tensor slope = Tensor.From<double>(slopes).To(input.DType).Reshape(input.Shape);
        return inPlace ? input.MulInPlace(slope) : input * slope;
    }
}
