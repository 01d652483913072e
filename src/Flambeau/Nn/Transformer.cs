namespace Flambeau.Nn;

/// <summary>Options that the layers of a transformer share.</summary>
/// <param name="DModel">The size of a token.</param>
/// <param name="NHead">How many heads.</param>
/// <param name="DimFeedforward">The size between the two linear maps.</param>
/// <param name="Dropout">The probability of dropping.</param>
/// <param name="Activation">Between the two linear maps.</param>
/// <param name="LayerNormEps">Added to variances.</param>
/// <param name="BatchFirst">Whether tensors are (N, L, E) rather than (L, N, E).</param>
/// <param name="NormFirst">Whether norms stand before attention and feed-forward rather than after.</param>
/// <param name="Bias">Whether linear maps and norms have biases.</param>
/// <param name="DType">The type of the parameters.</param>
internal sealed record TransformerOptions(long DModel, long NHead, long DimFeedforward, double Dropout, Func<Tensor, Tensor> Activation, double LayerNormEps, bool BatchFirst,
    bool NormFirst, bool Bias, DType? DType)
{
    public static Func<Tensor, Tensor> Named(string name) => name switch
    {
        "relu" => x => x.Relu(), "gelu" => x => x.Gelu(),
        _ => throw new ArgumentException($"The activation of a transformer is \"relu\" or \"gelu\", not \"{name}\". Set Activation to any other function."),
    };

    public MultiheadAttention Attention() => new(DModel, NHead, Dropout, Bias, batchFirst: BatchFirst, dtype: DType);

    /// <summary>A layer with the values of another. Nothing is drawn for it, so that random streams are PyTorch's.</summary>
    public static TLayer Copy<TLayer>(TLayer layer, Func<TLayer> make) where TLayer : Module
    {
        if (layer.GetType() != typeof(TLayer)) throw new NotSupportedException($"A {layer.GetType().Name} cannot be copied. Put layers of your own into a ModuleList.");
        byte[] before = Generator.Default.GetState();
        TLayer copy = make();
        Generator.Default.SetState(before);
        copy.LoadStateDict(layer.StateDict());
        return copy;
    }

    public LayerNorm Norm() => new(DModel, LayerNormEps, bias: Bias, dtype: DType);
}

/// <summary>Self-attention and a feed-forward network. PyTorch's <c>nn.TransformerEncoderLayer</c>.</summary>
public class TransformerEncoderLayer : Module
{
    readonly TransformerOptions _options;

    /// <summary>Draws the parameters.</summary>
    /// <param name="dModel">The size of a token.</param>
    /// <param name="nHead">How many heads.</param>
    /// <param name="dimFeedforward">The size between the two linear maps.</param>
    /// <param name="dropout">The probability of dropping.</param>
    /// <param name="activation"><c>relu</c> or <c>gelu</c>; any other function can be assigned to <see cref="Activation"/>.</param>
    /// <param name="layerNormEps">Added to variances.</param>
    /// <param name="batchFirst">Whether tensors are (N, L, E) rather than (L, N, E).</param>
    /// <param name="normFirst">Whether norms stand before attention and feed-forward rather than after.</param>
    /// <param name="bias">Whether linear maps and norms have biases.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public TransformerEncoderLayer(long dModel, long nHead, long dimFeedforward = 2048, double dropout = 0.1, string activation = "relu", double layerNormEps = 1e-5,
        bool batchFirst = false, bool normFirst = false, bool bias = true, DType? dtype = null)
        : this(new TransformerOptions(dModel, nHead, dimFeedforward, dropout, TransformerOptions.Named(activation), layerNormEps, batchFirst, normFirst, bias, dtype)) { }

    internal TransformerEncoderLayer(TransformerOptions o)
    {
        (_options, Activation) = (o, o.Activation);
        SelfAttn = o.Attention();
        Linear1 = new(o.DModel, o.DimFeedforward, o.Bias, o.DType);
        Dropout = new(o.Dropout);
        Linear2 = new(o.DimFeedforward, o.DModel, o.Bias, o.DType);
        (Norm1, Norm2, Dropout1, Dropout2) = (o.Norm(), o.Norm(), new(o.Dropout), new(o.Dropout));
    }

    /// <summary>Attention of each token to all.</summary>
    public MultiheadAttention SelfAttn { get; set; }

    /// <summary>The first linear map of the feed-forward network.</summary>
    public Linear Linear1 { get; set; }

    /// <summary>Within the feed-forward network.</summary>
    public Dropout Dropout { get; set; }

    /// <summary>The second linear map.</summary>
    public Linear Linear2 { get; set; }

    /// <summary>Of attention.</summary>
    public LayerNorm Norm1 { get; set; }

    /// <summary>Of the feed-forward network.</summary>
    public LayerNorm Norm2 { get; set; }

    /// <summary>After attention.</summary>
    public Dropout Dropout1 { get; set; }

    /// <summary>After the feed-forward network.</summary>
    public Dropout Dropout2 { get; set; }

    /// <summary>Between the two linear maps.</summary>
    public Func<Tensor, Tensor> Activation { get; set; }

    internal TransformerEncoderLayer Copy() => TransformerOptions.Copy(this, () => new(_options) { Activation = Activation });

    /// <summary>(L, N, E) → (L, N, E); with batchFirst (N, L, E); masks as in <see cref="MultiheadAttention"/>.</summary>
    public Tensor Forward(Tensor src, Tensor? srcMask = null, Tensor? srcKeyPaddingMask = null, bool isCausal = false)
    {
        if (_options.NormFirst)
        {
            src = src + Attend(Norm1.Call(src), srcMask, srcKeyPaddingMask, isCausal);
            return src + Feed(Norm2.Call(src));
        }
        src = Norm1.Call(src + Attend(src, srcMask, srcKeyPaddingMask, isCausal));
        return Norm2.Call(src + Feed(src));
    }

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    public Tensor Call(Tensor src, Tensor? srcMask = null, Tensor? srcKeyPaddingMask = null, bool isCausal = false) =>
        Invoke([src, srcMask, srcKeyPaddingMask], x => Forward(x[0]!, x[1], x[2], isCausal));

    Tensor Attend(Tensor x, Tensor? mask, Tensor? padding, bool isCausal) => Dropout1.Call(SelfAttn.Call(x, x, x, padding, needWeights: false, mask, isCausal: isCausal).Output);

    Tensor Feed(Tensor x) => Dropout2.Call(Linear2.Call(Dropout.Call(Activation(Linear1.Call(x)))));
}

/// <summary>Self-attention, attention to the encoder's result, and a feed-forward network. PyTorch's <c>nn.TransformerDecoderLayer</c>.</summary>
public class TransformerDecoderLayer : Module
{
    readonly TransformerOptions _options;

    /// <summary>Draws the parameters.</summary>
    /// <param name="dModel">The size of a token.</param>
    /// <param name="nHead">How many heads.</param>
    /// <param name="dimFeedforward">The size between the two linear maps.</param>
    /// <param name="dropout">The probability of dropping.</param>
    /// <param name="activation"><c>relu</c> or <c>gelu</c>; any other function can be assigned to <see cref="Activation"/>.</param>
    /// <param name="layerNormEps">Added to variances.</param>
    /// <param name="batchFirst">Whether tensors are (N, L, E) rather than (L, N, E).</param>
    /// <param name="normFirst">Whether norms stand before attention and feed-forward rather than after.</param>
    /// <param name="bias">Whether linear maps and norms have biases.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public TransformerDecoderLayer(long dModel, long nHead, long dimFeedforward = 2048, double dropout = 0.1, string activation = "relu", double layerNormEps = 1e-5,
        bool batchFirst = false, bool normFirst = false, bool bias = true, DType? dtype = null)
        : this(new TransformerOptions(dModel, nHead, dimFeedforward, dropout, TransformerOptions.Named(activation), layerNormEps, batchFirst, normFirst, bias, dtype)) { }

    internal TransformerDecoderLayer(TransformerOptions o)
    {
        (_options, Activation) = (o, o.Activation);
        (SelfAttn, MultiheadAttn) = (o.Attention(), o.Attention());
        Linear1 = new(o.DModel, o.DimFeedforward, o.Bias, o.DType);
        Dropout = new(o.Dropout);
        Linear2 = new(o.DimFeedforward, o.DModel, o.Bias, o.DType);
        (Norm1, Norm2, Norm3) = (o.Norm(), o.Norm(), o.Norm());
        (Dropout1, Dropout2, Dropout3) = (new(o.Dropout), new(o.Dropout), new(o.Dropout));
    }

    /// <summary>Attention of each token to all of its sequence.</summary>
    public MultiheadAttention SelfAttn { get; set; }

    /// <summary>Attention to the encoder's result.</summary>
    public MultiheadAttention MultiheadAttn { get; set; }

    /// <summary>The first linear map of the feed-forward network.</summary>
    public Linear Linear1 { get; set; }

    /// <summary>Within the feed-forward network.</summary>
    public Dropout Dropout { get; set; }

    /// <summary>The second linear map.</summary>
    public Linear Linear2 { get; set; }

    /// <summary>Of self-attention.</summary>
    public LayerNorm Norm1 { get; set; }

    /// <summary>Of attention to the encoder's result.</summary>
    public LayerNorm Norm2 { get; set; }

    /// <summary>Of the feed-forward network.</summary>
    public LayerNorm Norm3 { get; set; }

    /// <summary>After self-attention.</summary>
    public Dropout Dropout1 { get; set; }

    /// <summary>After attention to the encoder's result.</summary>
    public Dropout Dropout2 { get; set; }

    /// <summary>After the feed-forward network.</summary>
    public Dropout Dropout3 { get; set; }

    /// <summary>Between the two linear maps.</summary>
    public Func<Tensor, Tensor> Activation { get; set; }

    internal TransformerDecoderLayer Copy() => TransformerOptions.Copy(this, () => new(_options) { Activation = Activation });

    /// <summary>(T, N, E) and the encoder's (S, N, E) → (T, N, E); with batchFirst the batch comes first; masks as in <see cref="MultiheadAttention"/>.</summary>
    public Tensor Forward(Tensor tgt, Tensor memory, Tensor? tgtMask = null, Tensor? memoryMask = null, Tensor? tgtKeyPaddingMask = null, Tensor? memoryKeyPaddingMask = null,
        bool tgtIsCausal = false, bool memoryIsCausal = false)
    {
        Tensor Self(Tensor x) => Dropout1.Call(SelfAttn.Call(x, x, x, tgtKeyPaddingMask, needWeights: false, tgtMask, isCausal: tgtIsCausal).Output);
        Tensor Cross(Tensor x) => Dropout2.Call(MultiheadAttn.Call(x, memory, memory, memoryKeyPaddingMask, needWeights: false, memoryMask, isCausal: memoryIsCausal).Output);
        Tensor Feed(Tensor x) => Dropout3.Call(Linear2.Call(Dropout.Call(Activation(Linear1.Call(x)))));
        if (_options.NormFirst)
        {
            tgt = tgt + Self(Norm1.Call(tgt));
            tgt = tgt + Cross(Norm2.Call(tgt));
            return tgt + Feed(Norm3.Call(tgt));
        }
        tgt = Norm1.Call(tgt + Self(tgt));
        tgt = Norm2.Call(tgt + Cross(tgt));
        return Norm3.Call(tgt + Feed(tgt));
    }

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    public Tensor Call(Tensor tgt, Tensor memory, Tensor? tgtMask = null, Tensor? memoryMask = null, Tensor? tgtKeyPaddingMask = null, Tensor? memoryKeyPaddingMask = null,
        bool tgtIsCausal = false, bool memoryIsCausal = false) => Invoke([tgt, memory, tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask],
            x => Forward(x[0]!, x[1]!, x[2], x[3], x[4], x[5], tgtIsCausal, memoryIsCausal));
}

/// <summary>Encoder layers one after another. PyTorch's <c>nn.TransformerEncoder</c>.</summary>
public class TransformerEncoder : Module
{
    /// <summary>Copies of a layer, which all start from its values, and a norm after the last.</summary>
    /// <param name="encoderLayer">The layer that is copied.</param>
    /// <param name="numLayers">How many.</param>
    /// <param name="norm">After the last layer.</param>
    public TransformerEncoder(TransformerEncoderLayer encoderLayer, int numLayers, LayerNorm? norm = null)
    {
        for (int i = 0; i < numLayers; i++) Layers.Add(encoderLayer.Copy());
        Norm = norm;
    }

    /// <summary>The layers.</summary>
    public ModuleList<TransformerEncoderLayer> Layers { get; } = [];

    /// <summary>After the last layer, or null.</summary>
    public LayerNorm? Norm { get; set; }

    /// <summary>As <see cref="TransformerEncoderLayer.Forward"/>, through all layers.</summary>
    public Tensor Forward(Tensor src, Tensor? mask = null, Tensor? srcKeyPaddingMask = null, bool isCausal = false)
    {
        foreach (TransformerEncoderLayer layer in Layers) src = layer.Call(src, mask, srcKeyPaddingMask, isCausal);
        return Norm is null ? src : Norm.Call(src);
    }

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    public Tensor Call(Tensor src, Tensor? mask = null, Tensor? srcKeyPaddingMask = null, bool isCausal = false) =>
        Invoke([src, mask, srcKeyPaddingMask], x => Forward(x[0]!, x[1], x[2], isCausal));
}

/// <summary>Decoder layers one after another. PyTorch's <c>nn.TransformerDecoder</c>.</summary>
public class TransformerDecoder : Module
{
    /// <summary>Copies of a layer, which all start from its values, and a norm after the last.</summary>
    /// <param name="decoderLayer">The layer that is copied.</param>
    /// <param name="numLayers">How many.</param>
    /// <param name="norm">After the last layer.</param>
    public TransformerDecoder(TransformerDecoderLayer decoderLayer, int numLayers, LayerNorm? norm = null)
    {
        for (int i = 0; i < numLayers; i++) Layers.Add(decoderLayer.Copy());
        Norm = norm;
    }

    /// <summary>The layers.</summary>
    public ModuleList<TransformerDecoderLayer> Layers { get; } = [];

    /// <summary>After the last layer, or null.</summary>
    public LayerNorm? Norm { get; set; }

    /// <summary>As <see cref="TransformerDecoderLayer.Forward"/>, through all layers.</summary>
    public Tensor Forward(Tensor tgt, Tensor memory, Tensor? tgtMask = null, Tensor? memoryMask = null, Tensor? tgtKeyPaddingMask = null, Tensor? memoryKeyPaddingMask = null,
        bool tgtIsCausal = false, bool memoryIsCausal = false)
    {
        foreach (TransformerDecoderLayer layer in Layers)
            tgt = layer.Call(tgt, memory, tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask, tgtIsCausal, memoryIsCausal);
        return Norm is null ? tgt : Norm.Call(tgt);
    }

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    public Tensor Call(Tensor tgt, Tensor memory, Tensor? tgtMask = null, Tensor? memoryMask = null, Tensor? tgtKeyPaddingMask = null, Tensor? memoryKeyPaddingMask = null,
        bool tgtIsCausal = false, bool memoryIsCausal = false) => Invoke([tgt, memory, tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask],
            x => Forward(x[0]!, x[1]!, x[2], x[3], x[4], x[5], tgtIsCausal, memoryIsCausal));
}

/// <summary>Encoder and decoder. PyTorch's <c>nn.Transformer</c> (Vaswani et al. 2017).</summary>
public class Transformer : Module
{
    /// <summary>Weights start uniform as Glorot and Bengio have it.</summary>
    /// <param name="dModel">The size of a token.</param>
    /// <param name="nHead">How many heads.</param>
    /// <param name="numEncoderLayers">How many layers encode.</param>
    /// <param name="numDecoderLayers">How many decode.</param>
    /// <param name="dimFeedforward">The size between the two linear maps.</param>
    /// <param name="dropout">The probability of dropping.</param>
    /// <param name="activation"><c>relu</c> or <c>gelu</c>.</param>
    /// <param name="layerNormEps">Added to variances.</param>
    /// <param name="batchFirst">Whether tensors are (N, L, E) rather than (L, N, E).</param>
    /// <param name="normFirst">Whether norms stand before attention and feed-forward rather than after.</param>
    /// <param name="bias">Whether linear maps and norms have biases.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public Transformer(long dModel = 512, long nHead = 8, int numEncoderLayers = 6, int numDecoderLayers = 6, long dimFeedforward = 2048, double dropout = 0.1,
        string activation = "relu", double layerNormEps = 1e-5, bool batchFirst = false, bool normFirst = false, bool bias = true, DType? dtype = null)
    {
        TransformerOptions o = new(dModel, nHead, dimFeedforward, dropout, TransformerOptions.Named(activation), layerNormEps, batchFirst, normFirst, bias, dtype);
        Encoder = new(new TransformerEncoderLayer(o), numEncoderLayers, o.Norm());
        Decoder = new(new TransformerDecoderLayer(o), numDecoderLayers, o.Norm());
        foreach (Parameter p in Parameters()) if (p.Rank > 1) Init.XavierUniformInPlace(p);
    }

    /// <summary>The encoder.</summary>
    public TransformerEncoder Encoder { get; set; }

    /// <summary>The decoder.</summary>
    public TransformerDecoder Decoder { get; set; }

    /// <summary>(S, N, E) and (T, N, E) → (T, N, E); with batchFirst the batch comes first; masks as in <see cref="MultiheadAttention"/>.</summary>
    public Tensor Forward(Tensor src, Tensor tgt, Tensor? srcMask = null, Tensor? tgtMask = null, Tensor? memoryMask = null, Tensor? srcKeyPaddingMask = null,
        Tensor? tgtKeyPaddingMask = null, Tensor? memoryKeyPaddingMask = null) =>
        Decoder.Call(tgt, Encoder.Call(src, srcMask, srcKeyPaddingMask), tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask);

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    public Tensor Call(Tensor src, Tensor tgt, Tensor? srcMask = null, Tensor? tgtMask = null, Tensor? memoryMask = null, Tensor? srcKeyPaddingMask = null,
        Tensor? tgtKeyPaddingMask = null, Tensor? memoryKeyPaddingMask = null) =>
        Invoke([src, tgt, srcMask, tgtMask, memoryMask, srcKeyPaddingMask, tgtKeyPaddingMask, memoryKeyPaddingMask],
            x => Forward(x[0]!, x[1]!, x[2], x[3], x[4], x[5], x[6], x[7]));

    /// <summary>The mask that hides later tokens from earlier ones: −∞ above the diagonal, else 0.</summary>
    public static Tensor GenerateSquareSubsequentMask(long size, DType? dtype = null) =>
        Tensor.Zeros([size, size], dtype).MaskedFill(Tensor.Arange(size).Unsqueeze(0).Gt(Tensor.Arange(size).Unsqueeze(1)), double.NegativeInfinity);
}
