namespace Flambeau.Nn;

/// <summary>A table of vectors, looked up by number: (…) → (…, embeddingDim). PyTorch's <c>nn.Embedding</c>.</summary>
public class Embedding : UnaryModule
{
    readonly long? _paddingIdx;
    readonly double? _maxNorm;
    readonly double _normType;
    readonly bool _scaleGradByFreq;

    /// <summary>A table of vectors that are known already: (rows, size). It is taken as it is, not copied.</summary>
    /// <param name="embeddings">The vectors.</param>
    /// <param name="freeze">Whether they stay as they are, or learn.</param>
    /// <param name="paddingIdx">The row that is not learned.</param>
    /// <param name="maxNorm">Vectors looked up are scaled down to this norm, in place.</param>
    /// <param name="normType">The p of that norm.</param>
    /// <param name="scaleGradByFreq">Whether a row's gradient is divided by how often it is named.</param>
    /// <exception cref="ArgumentException">The embeddings are no matrix.</exception>
    public static Embedding FromPretrained(Tensor embeddings, bool freeze = true, long? paddingIdx = null, double? maxNorm = null, double normType = 2, bool scaleGradByFreq = false)
    {
        if (embeddings.Rank != 2) throw new ArgumentException($"Embedding.FromPretrained: a matrix of vectors is wanted, not a tensor of shape {embeddings.Shape}.");
        Embedding e;
        using (Device.Meta.Use()) e = new(embeddings.Shape[0], embeddings.Shape[1], paddingIdx, maxNorm, normType, scaleGradByFreq, embeddings.DType);
        e.LoadStateDict(new Dictionary<string, Tensor> { ["weight"] = embeddings.Detach() }, assign: true);
        e.SetRequiresGrad(!freeze);
        return e;
    }

    /// <summary>Vectors start normal; that of <paramref name="paddingIdx"/> zero.</summary>
    /// <param name="numEmbeddings">How many vectors.</param>
    /// <param name="embeddingDim">Their size.</param>
    /// <param name="paddingIdx">The row that is not learned.</param>
    /// <param name="maxNorm">Vectors looked up are scaled down to this norm, in place.</param>
    /// <param name="normType">The p of that norm.</param>
    /// <param name="scaleGradByFreq">Whether a row's gradient is divided by how often it is named.</param>
    /// <param name="dtype">The type of the table.</param>
    public Embedding(long numEmbeddings, long embeddingDim, long? paddingIdx = null, double? maxNorm = null, double normType = 2, bool scaleGradByFreq = false, DType? dtype = null)
    {
        if (paddingIdx is { } p && (p < -numEmbeddings || p >= numEmbeddings))
            throw new ArgumentOutOfRangeException(nameof(paddingIdx), $"Embedding: paddingIdx {p} is no row of a table of {numEmbeddings}.");
        _paddingIdx = paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx;
        (_maxNorm, _normType, _scaleGradByFreq) = (maxNorm, normType, scaleGradByFreq);
        Weight = Parameter.Uninitialized([numEmbeddings, embeddingDim], dtype);
        ResetParameters();
    }

    /// <summary>(numEmbeddings, embeddingDim)</summary>
    public Parameter Weight { get; set; }

    /// <summary>Draws the vectors anew.</summary>
    public void ResetParameters()
    {
        Init.NormalInPlace(Weight);
        if (_paddingIdx is { } p) Init.ZerosInPlace(Weight.Detach().Select(0, p));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => F.Embedding(input, Weight, _paddingIdx, _maxNorm, _normType, _scaleGradByFreq);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"{Weight.Shape[0]}, {Weight.Shape[1]}" + (_paddingIdx is { } p ? $", padding_idx={p}" : "");
}

/// <summary>Sums, means or maxima of vectors of a table. PyTorch's <c>nn.EmbeddingBag</c>.</summary>
public class EmbeddingBag : Module
{
    readonly double? _maxNorm;
    readonly double _normType;
    readonly bool _scaleGradByFreq, _includeLastOffset;
    readonly string _mode;
    readonly long? _paddingIdx;

    /// <summary>A table of vectors that are known already: (rows, size). It is taken as it is, not copied.</summary>
    /// <param name="embeddings">The vectors.</param>
    /// <param name="freeze">Whether they stay as they are, or learn.</param>
    /// <param name="maxNorm">Vectors looked up are scaled down to this norm, in place.</param>
    /// <param name="normType">The p of that norm.</param>
    /// <param name="scaleGradByFreq">Whether a row's gradient is divided by how often it is named.</param>
    /// <param name="mode"><c>sum</c>, <c>mean</c> or <c>max</c>.</param>
    /// <param name="includeLastOffset">Whether the offsets end with the number of indices.</param>
    /// <param name="paddingIdx">The row that does not count and is not learned.</param>
    /// <exception cref="ArgumentException">The embeddings are no matrix.</exception>
    public static EmbeddingBag FromPretrained(Tensor embeddings, bool freeze = true, double? maxNorm = null, double normType = 2, bool scaleGradByFreq = false, string mode = "mean",
        bool includeLastOffset = false, long? paddingIdx = null)
    {
        if (embeddings.Rank != 2) throw new ArgumentException($"EmbeddingBag.FromPretrained: a matrix of vectors is wanted, not a tensor of shape {embeddings.Shape}.");
        EmbeddingBag e;
        using (Device.Meta.Use()) e = new(embeddings.Shape[0], embeddings.Shape[1], maxNorm, normType, scaleGradByFreq, mode, includeLastOffset, paddingIdx, embeddings.DType);
        e.LoadStateDict(new Dictionary<string, Tensor> { ["weight"] = embeddings.Detach() }, assign: true);
        e.SetRequiresGrad(!freeze);
        return e;
    }

    /// <summary>Vectors start normal.</summary>
    /// <param name="numEmbeddings">How many vectors.</param>
    /// <param name="embeddingDim">Their size.</param>
    /// <param name="maxNorm">Vectors looked up are scaled down to this norm, in place.</param>
    /// <param name="normType">The p of that norm.</param>
    /// <param name="scaleGradByFreq">Whether a row's gradient is divided by how often it is named.</param>
    /// <param name="mode"><c>sum</c>, <c>mean</c> or <c>max</c>.</param>
    /// <param name="includeLastOffset">Whether the offsets end with the number of indices.</param>
    /// <param name="paddingIdx">The row that does not count and is not learned.</param>
    /// <param name="dtype">The type of the table.</param>
    public EmbeddingBag(long numEmbeddings, long embeddingDim, double? maxNorm = null, double normType = 2, bool scaleGradByFreq = false, string mode = "mean",
        bool includeLastOffset = false, long? paddingIdx = null, DType? dtype = null)
    {
        (_maxNorm, _normType, _scaleGradByFreq, _mode, _includeLastOffset) = (maxNorm, normType, scaleGradByFreq, mode, includeLastOffset);
        _paddingIdx = paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx;
        Weight = Parameter.Uninitialized([numEmbeddings, embeddingDim], dtype);
        Init.NormalInPlace(Weight);
        if (_paddingIdx is { } p) Init.ZerosInPlace(Weight.Detach().Select(0, p));
    }

    /// <summary>(numEmbeddings, embeddingDim)</summary>
    public Parameter Weight { get; set; }

    /// <summary>(bags, n), or (indices,) with offsets → (bags, embeddingDim).</summary>
    /// <inheritdoc cref="F.EmbeddingBag"/>
    public Tensor Forward(Tensor input, Tensor? offsets = null, Tensor? perSampleWeights = null) =>
        F.EmbeddingBag(input, Weight, offsets, _maxNorm, _normType, _scaleGradByFreq, _mode, perSampleWeights, _includeLastOffset, _paddingIdx);

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    public Tensor Call(Tensor input, Tensor? offsets = null, Tensor? perSampleWeights = null) => IsWatched
        ? Invoke([input, offsets, perSampleWeights], x => Forward(x[0]!, x[1], x[2])) : Forward(input, offsets, perSampleWeights);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"{Weight.Shape[0]}, {Weight.Shape[1]}, mode='{_mode}'";
}
