using Flambeau.Ops;

namespace Flambeau.Nn;

public static partial class F
{
    /// <summary>
    /// softmax(q · kᵀ · scale + mask) · v. PyTorch's <c>scaled_dot_product_attention</c>. Without dropout, and with a mask that wants no
    /// gradient, the matrix of weights is never stored. A query that sees no key answers 0.
    /// </summary>
    /// <param name="query">(…, L, E), commonly (N, heads, L, E).</param>
    /// <param name="key">(…, S, E).</param>
    /// <param name="value">(…, S, V).</param>
    /// <param name="attnMask">Broadcasts to (…, L, S): bool, true where a query sees a key, or of the query's type, to be added to the scores.</param>
    /// <param name="dropoutP">The probability with which a weight is dropped, always: pass 0 outside training.</param>
    /// <param name="isCausal">Whether query i sees keys 0…i only; then there is no mask.</param>
    /// <param name="scale">The factor of scores; by default 1/√E.</param>
    /// <param name="enableGqa">Whether several heads of the query (axis −3) may share one of key and value.</param>
    /// <returns>(…, L, V).</returns>
    /// <exception cref="ArgumentException">Shapes or types do not fit, or both a mask and isCausal are given.</exception>
    public static Tensor ScaledDotProductAttention(Tensor query, Tensor key, Tensor value, Tensor? attnMask = null, double dropoutP = 0, bool isCausal = false,
        double? scale = null, bool enableGqa = false) => Attend(query, key, value, attnMask, dropoutP, isCausal, scale, enableGqa, false).Output;

    /// <summary>As <see cref="ScaledDotProductAttention"/>, with the weights, (…, L, S), by which values were added, dropout included.</summary>
    /// <inheritdoc cref="ScaledDotProductAttention"/>
    public static (Tensor Output, Tensor Weights) ScaledDotProductAttentionWithWeights(Tensor query, Tensor key, Tensor value, Tensor? attnMask = null, double dropoutP = 0, bool isCausal = false,
        double? scale = null, bool enableGqa = false) => Attend(query, key, value, attnMask, dropoutP, isCausal, scale, enableGqa, true) is var (y, w) ? (y, w!) : default;

    static (Tensor Output, Tensor? Weights) Attend(Tensor query, Tensor key, Tensor value, Tensor? attnMask, double dropoutP, bool isCausal, double? scale, bool enableGqa, bool wantsWeights)
    {
        using var autocast = Amp.Enter("scaled_dot_product_attention", ref query, ref key, ref value, ref attnMask);
        const string op = "ScaledDotProductAttention";
        string shapes = $"{op}: query {query.Shape}, key {key.Shape}, value {value.Shape}";
        if (isCausal && attnMask is not null) throw new ArgumentException($"{op}: isCausal is a mask itself; give either it or attnMask.");
        if (query.Rank < 2 || key.Rank < 2 || value.Rank < 2 || query.Shape[^1] != key.Shape[^1] || key.Shape[^2] != value.Shape[^2])
            throw new ArgumentException($"{shapes} do not fit: they are (…, L, E), (…, S, E) and (…, S, V).");
        if (query.DType != key.DType || query.DType != value.DType || !query.DType.IsFloatingPoint)
            throw new ArgumentException($"{op}: query, key and value are {query.DType}, {key.DType} and {value.DType}; they must be of one floating-point type.");
        if (attnMask is not null && attnMask.DType != DType.Bool && attnMask.DType != query.DType)
            throw new ArgumentException($"{op}: the mask is {attnMask.DType}; it must be bool, or {query.DType} as the query.");

        if (!enableGqa)
        {
            Dims lead = Shapes.Broadcast(op, Shapes.Broadcast(op, query.Shape[..^2], key.Shape[..^2]), value.Shape[..^2]);
            Tensor Wide(Tensor t) => t.Expand([.. lead.Span, .. t.Shape.Span[^2..]]);
            (query, key, value) = (Wide(query), Wide(key), Wide(value));
        }
        else if (query.Rank < 3 || key.Shape[..^2] != value.Shape[..^2] || key.Rank != query.Rank || key.Shape[..^3] != query.Shape[..^3]
            || key.Shape[^3] == 0 || query.Shape[^3] % key.Shape[^3] != 0)
            throw new ArgumentException($"{shapes}: with enableGqa, leading axes must be equal, but for the heads (axis −3), where the query's are a multiple of the others'.");
        Dims full = [.. query.Shape.Span[..^1], key.Shape[^2]];
        if (attnMask is not null)
        {
            if (attnMask.Rank > full.Length || Shapes.Broadcast(op, attnMask.Shape, full) != full)
                throw new ArgumentException($"{op}: a mask of shape {attnMask.Shape} does not broadcast to {full}, (…, L, S).");
            while (attnMask.Rank < 2) attnMask = attnMask.Unsqueeze(0);
        }

        double factor = scale ?? 1 / Math.Sqrt(query.Shape[^1]);
        if (!wantsWeights && dropoutP == 0 && attnMask is not { IsTracked: true, DType: not DType.Bool })
        {
            Attention fused = new(factor, isCausal);
            return ((attnMask is null ? Op.ApplyAll(fused, query, key, value) : Op.ApplyAll(fused, query, key, value, attnMask))[0], null);
        }
        if (query.DType.IsLowPrecision)                                          // as the kernel has it: in float32, rounded once
        {
            Tensor? mask = attnMask is { DType: DType.Bool } ? attnMask : attnMask?.Float();
            (Tensor y, Tensor? w) = Attend(query.Float(), key.Float(), value.Float(), mask, dropoutP, isCausal, factor, enableGqa, wantsWeights);
            return (y.To(query.DType), w?.To(query.DType));
        }
        Tensor weights = Dropout(Attention.Weights(query, Attention.Repeat(key, query), attnMask, factor, isCausal), dropoutP);
        return (weights.MatMul(Attention.Repeat(value, query)), weights);
    }
    /// <summary>
    /// Attention within sequences of different lengths that stand one after another, without padding. PyTorch's
    /// <c>torch.nn.attention.varlen.varlen_attn</c>.
    /// </summary>
    /// <param name="query">(sum of lengths, heads, E).</param>
    /// <param name="key">(sum of lengths, heads, E).</param>
    /// <param name="value">(sum of lengths, heads, V).</param>
    /// <param name="cuSeqQ">Where the queries of each sequence begin, and where the last ends: (0, L₀, L₀ + L₁, …), integers.</param>
    /// <param name="cuSeqK">The same for keys and values.</param>
    /// <param name="maxQ">The most queries of a sequence.</param>
    /// <param name="maxK">The most keys of a sequence.</param>
    /// <param name="isCausal">Whether query i of a sequence sees its keys 0…i only.</param>
    /// <param name="scale">The factor of scores; by default 1/√E.</param>
    /// <param name="enableGqa">Whether several heads of the query may share one of key and value.</param>
    /// <returns>(sum of lengths, heads, V).</returns>
    /// <exception cref="ArgumentException">Shapes or places do not fit.</exception>
    public static Tensor VarlenAttn(Tensor query, Tensor key, Tensor value, Tensor cuSeqQ, Tensor cuSeqK, long maxQ, long maxK, bool isCausal = false, double? scale = null,
        bool enableGqa = false)
    {
        const string op = "VarlenAttn";
        if (query.Rank != 3 || key.Rank != 3 || value.Rank != 3 || key.Shape[0] != value.Shape[0])
            throw new ArgumentException($"{op}: query {query.Shape}, key {key.Shape}, value {value.Shape} do not fit: they are (L, heads, E), (S, heads, E) and (S, heads, V).");
        long[] q = Places(cuSeqQ, query.Shape[0], maxQ, nameof(cuSeqQ)), k = Places(cuSeqK, key.Shape[0], maxK, nameof(cuSeqK));
        if (q.Length != k.Length) throw new ArgumentException($"{op}: there are {q.Length - 1} sequences of queries, and {k.Length - 1} of keys.", nameof(cuSeqK));
        if (q.Length == 1) return Tensor.Zeros([0, query.Shape[1], value.Shape[2]], query.DType);
        Tensor[] parts = new Tensor[q.Length - 1];
        for (int i = 0; i < parts.Length; i++)
            parts[i] = ScaledDotProductAttention(Part(query, q, i), Part(key, k, i), Part(value, k, i), isCausal: isCausal, scale: scale, enableGqa: enableGqa).Transpose(0, 1);
        return Tensor.Cat(parts);

        static Tensor Part(Tensor x, long[] places, int i) => x.Narrow(0, places[i], places[i + 1] - places[i]).Transpose(0, 1);       // (heads, L, E)

        static long[] Places(Tensor t, long total, long most, string name)
        {
            if (t.Rank != 1 || !t.DType.IsInteger || t.Count == 0) throw new ArgumentException($"{op}: {name} is {t.DType} {t.Shape}; it must be integers of one axis, 0 first.", name);
            long[] p = t.ToArray<long>();
            for (int i = 1; i < p.Length; i++)
                if (p[i] < p[i - 1] || p[i] - p[i - 1] > most) throw new ArgumentException($"{op}: in {name}, {p[i]} follows {p[i - 1]}: sequences have from 0 to {most} elements.", name);
            return p[0] == 0 && p[^1] == total ? p : throw new ArgumentException($"{op}: {name} goes from {p[0]} to {p[^1]}; it must go from 0 to {total}.", name);
        }
    }
}
