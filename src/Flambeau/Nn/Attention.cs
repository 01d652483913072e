namespace Flambeau.Nn;

/// <summary>Attention with several heads. PyTorch's <c>nn.MultiheadAttention</c> (Vaswani et al. 2017).</summary>
public class MultiheadAttention : Module
{
    readonly long _embedDim, _heads;
    readonly double _dropout;
    readonly bool _addZeroAttn, _batchFirst;

    /// <summary>Projections start uniform as Glorot and Bengio have it, biases zero.</summary>
    /// <param name="embedDim">The size of a query and of a result.</param>
    /// <param name="numHeads">How many heads share it.</param>
    /// <param name="dropout">The probability of dropping a weight in training.</param>
    /// <param name="bias">Whether projections have biases.</param>
    /// <param name="addBiasKv">Whether a learned key and value are added to each sequence.</param>
    /// <param name="addZeroAttn">Whether a key and value of zeros are.</param>
    /// <param name="kDim">The size of a key; by default a query's.</param>
    /// <param name="vDim">The size of a value; by default a query's.</param>
    /// <param name="batchFirst">Whether tensors are (N, L, E) rather than (L, N, E).</param>
    /// <param name="dtype">The type of the parameters.</param>
    /// <exception cref="ArgumentException">The heads do not divide the size.</exception>
    public MultiheadAttention(long embedDim, long numHeads, double dropout = 0, bool bias = true, bool addBiasKv = false, bool addZeroAttn = false, long? kDim = null,
        long? vDim = null, bool batchFirst = false, DType? dtype = null)
    {
        if (embedDim <= 0 || numHeads <= 0 || embedDim % numHeads != 0) throw new ArgumentException($"MultiheadAttention: {numHeads} heads do not divide a size of {embedDim}.", nameof(numHeads));
        (_embedDim, _heads, _dropout, _addZeroAttn, _batchFirst) = (embedDim, numHeads, dropout, addZeroAttn, batchFirst);
        if ((kDim ?? embedDim) == embedDim && (vDim ?? embedDim) == embedDim) InProjWeight = Parameter.Uninitialized([3 * embedDim, embedDim], dtype);
        else
        {
            QProjWeight = Parameter.Uninitialized([embedDim, embedDim], dtype);
            KProjWeight = Parameter.Uninitialized([embedDim, kDim ?? embedDim], dtype);
            VProjWeight = Parameter.Uninitialized([embedDim, vDim ?? embedDim], dtype);
        }
        if (bias) InProjBias = new(Tensor.Zeros([3 * embedDim], dtype));
        OutProj = new(embedDim, embedDim, bias, dtype);
        if (addBiasKv) (BiasK, BiasV) = (Parameter.Uninitialized([1, 1, embedDim], dtype), Parameter.Uninitialized([1, 1, embedDim], dtype));
        foreach (Parameter? w in (Parameter?[])[InProjWeight, QProjWeight, KProjWeight, VProjWeight]) if (w is not null) Init.XavierUniformInPlace(w);
        if (OutProj.Bias is { } b) Init.ZerosInPlace(b);
        if (BiasK is not null && BiasV is not null)
        {
            Init.XavierNormalInPlace(BiasK);
            Init.XavierNormalInPlace(BiasV);
        }
    }

    /// <summary>The projections of query, key and value one below the other, (3E, E), or null if their sizes differ.</summary>
    public Parameter? InProjWeight { get; set; }

    /// <summary>The projection of the query, if it stands alone.</summary>
    public Parameter? QProjWeight { get; set; }

    /// <summary>The projection of the key, if it stands alone.</summary>
    public Parameter? KProjWeight { get; set; }

    /// <summary>The projection of the value, if it stands alone.</summary>
    public Parameter? VProjWeight { get; set; }

    /// <summary>The biases of the three projections, (3E,), or null.</summary>
    public Parameter? InProjBias { get; set; }

    /// <summary>A key for every sequence, (1, 1, E), or null.</summary>
    public Parameter? BiasK { get; set; }

    /// <summary>A value for every sequence, (1, 1, E), or null.</summary>
    public Parameter? BiasV { get; set; }

    /// <summary>The projection of the result.</summary>
    public Linear OutProj { get; set; }

    /// <summary>Attends.</summary>
    /// <param name="query">(L, N, E), or (N, L, E) with batchFirst, or (L, E).</param>
    /// <param name="key">(S, N, kDim), likewise.</param>
    /// <param name="value">(S, N, vDim), likewise.</param>
    /// <param name="keyPaddingMask">(N, S): true where a key is not to be seen, or numbers to be added to the scores.</param>
    /// <param name="needWeights">Whether the weights are wanted; without them it is faster.</param>
    /// <param name="attnMask">(L, S) or (N·heads, L, S): true where a query does not see a key, or numbers to be added to the scores.</param>
    /// <param name="averageAttnWeights">Whether the weights are the heads' mean, (N, L, S), rather than (N, heads, L, S).</param>
    /// <param name="isCausal">Whether query i sees keys 0…i only.</param>
    /// <returns>The result, shaped as the query, and the weights.</returns>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public (Tensor Output, Tensor? Weights) Forward(Tensor query, Tensor key, Tensor value, Tensor? keyPaddingMask = null, bool needWeights = true, Tensor? attnMask = null,
        bool averageAttnWeights = true, bool isCausal = false)
    {
        if (query.Rank is not (2 or 3) || key.Rank != query.Rank || value.Rank != query.Rank)
            throw new ArgumentException($"MultiheadAttention: query {query.Shape}, key {key.Shape} and value {value.Shape} must all have two or three axes.");
        bool single = query.Rank == 2;
        Tensor Batched(Tensor x) => single ? x.Unsqueeze(0) : _batchFirst ? x : x.Transpose(0, 1);
        (Tensor q, Tensor k, Tensor v) = Project(Batched(query), Batched(key), Batched(value), ReferenceEquals(query, key) && ReferenceEquals(key, value)); // (N, L, E), (N, S, E), (N, S, E)
        if (k.Shape[0] != q.Shape[0] || v.Shape != k.Shape) throw new ArgumentException($"MultiheadAttention: query {query.Shape}, key {key.Shape} and value {value.Shape} do not fit.");
        long batch = q.Shape[0], length = q.Shape[1];
        if (BiasK is not null && BiasV is not null) (k, v) = (Append(k, BiasK), Append(v, BiasV));
        if (_addZeroAttn) (k, v) = (Append(k, Tensor.Zeros([1, 1, _embedDim], k.DType)), Append(v, Tensor.Zeros([1, 1, _embedDim], v.DType)));
        Tensor? mask = Mask(keyPaddingMask, attnMask, isCausal, batch, length, key.Shape[single || !_batchFirst ? 0 : 1], k.Shape[1], q.DType);

        Tensor Heads(Tensor x) => x.Reshape(batch, -1, _heads, _embedDim / _heads).Transpose(1, 2);                // (N, heads, L, E / heads)
        (q, k, v) = (Heads(q), Heads(k), Heads(v));
        Tensor? weights = null;
        Tensor y;
        if (needWeights)
        {
            Tensor scores = (q * Math.Sqrt(1.0 / q.Shape[^1])).MatMul(k.MT);
            weights = F.Dropout((mask is null ? scores : scores + mask).Softmax(-1), _dropout, IsTraining);
            y = weights.MatMul(v);
            if (averageAttnWeights) weights = weights.Mean(1);
            if (single) weights = weights.Squeeze(0);
        }
        else y = F.ScaledDotProductAttention(q, k, v, mask, IsTraining ? _dropout : 0);
        y = OutProj.Call(y.Transpose(1, 2).Reshape(batch, length, _embedDim));
        return (single ? y.Squeeze(0) : _batchFirst ? y : y.Transpose(0, 1), weights);

        Tensor Append(Tensor x, Tensor row) => Tensor.Cat([x, row.Expand(batch, 1, _embedDim)], 1);
    }

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    /// <inheritdoc cref="Forward"/>
    public (Tensor Output, Tensor? Weights) Call(Tensor query, Tensor key, Tensor value, Tensor? keyPaddingMask = null, bool needWeights = true, Tensor? attnMask = null,
        bool averageAttnWeights = true, bool isCausal = false) =>
        Invoke<(Tensor Output, Tensor? Weights)>([query, key, value, keyPaddingMask, attnMask],
            x => Forward(x[0]!, x[1]!, x[2]!, x[3], needWeights, x[4], averageAttnWeights, isCausal), y => [y.Output, y.Weights], (_, t) => (t[0]!, t[1]));

    (Tensor Q, Tensor K, Tensor V) Project(Tensor query, Tensor key, Tensor value, bool isSelf)
    {
        if (InProjWeight is not null && isSelf)
        {
            Tensor[] all = F.Linear(query, InProjWeight, InProjBias).Chunk(3, -1);
            return (all[0], all[1], all[2]);
        }
        Tensor[] b = InProjBias is null ? [] : InProjBias.Chunk(3);
        Tensor[] w = InProjWeight is not null ? InProjWeight.Chunk(3) : [QProjWeight!, KProjWeight!, VProjWeight!];
        return (F.Linear(query, w[0], b.Length > 0 ? b[0] : null), F.Linear(key, w[1], b.Length > 0 ? b[1] : null), F.Linear(value, w[2], b.Length > 0 ? b[2] : null));
    }

    /// <summary>All masks as one that is added to the scores, (N or 1, heads or 1, L, S + added).</summary>
    Tensor? Mask(Tensor? padding, Tensor? attention, bool isCausal, long batch, long length, long keys, long allKeys, DType dtype)
    {
        if (isCausal && attention is null)
            attention = Tensor.Arange(keys).Unsqueeze(0).Gt(Tensor.Arange(length).Unsqueeze(1));
        Tensor? mask = null;
        if (attention is not null)
        {
            Dims plain = [length, keys], full = [batch * _heads, length, keys];
            if (attention.Shape != plain && attention.Shape != full) throw new ArgumentException($"MultiheadAttention: a mask of shape {attention.Shape}; {plain} or {full} is wanted.", nameof(attention));
            mask = Added(attention).Reshape(attention.Rank == 2 ? [1, 1, length, keys] : [batch, _heads, length, keys]);
        }
        if (padding is not null)
        {
            if (padding.Rank == 1) padding = padding.Unsqueeze(0);
            if (padding.Shape != new Dims([batch, keys])) throw new ArgumentException($"MultiheadAttention: a mask of padding of shape {padding.Shape}; ({batch}, {keys}) is wanted.", nameof(padding));
            Tensor p = Added(padding).Reshape(batch, 1, 1, keys);
            mask = mask is null ? p : mask + p;
        }
        return mask is null || allKeys == keys ? mask : F.Pad(mask, [0, allKeys - keys]);

        Tensor Added(Tensor m) => m.DType == DType.Bool ? Tensor.Zeros(m.Shape, dtype).MaskedFill(m, double.NegativeInfinity) : m.To(dtype);
    }
}
