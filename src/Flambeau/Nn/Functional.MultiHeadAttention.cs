namespace Flambeau.Nn;

public static partial class F
{
    /// <summary>What <see cref="MultiheadAttention"/> computes, with weights that are given. PyTorch's <c>multi_head_attention_forward</c>.</summary>
    /// <param name="query">(L, N, E) or (L, E).</param>
    /// <param name="key">(S, N, kDim), likewise.</param>
    /// <param name="value">(S, N, vDim), likewise.</param>
    /// <param name="embedDimToCheck">E.</param>
    /// <param name="numHeads">How many heads share it.</param>
    /// <param name="inProjWeight">The projections of query, key and value one below the other, (3E, E).</param>
    /// <param name="inProjBias">Their biases, (3E,), or null.</param>
    /// <param name="biasK">A key for every sequence, (1, 1, E), or null.</param>
    /// <param name="biasV">A value for every sequence, (1, 1, E), or null.</param>
    /// <param name="addZeroAttn">Whether a key and value of zeros are added.</param>
    /// <param name="dropoutP">The probability of dropping a weight in training.</param>
    /// <param name="outProjWeight">The projection of the result, (E, E).</param>
    /// <param name="outProjBias">Its bias, (E,), or null.</param>
    /// <param name="training">Whether weights are dropped.</param>
    /// <param name="keyPaddingMask">(N, S): true where a key is not to be seen, or numbers to be added to the scores.</param>
    /// <param name="needWeights">Whether the weights are wanted.</param>
    /// <param name="attnMask">(L, S) or (N·heads, L, S): true where a query does not see a key, or numbers to be added to the scores.</param>
    /// <param name="useSeparateProjWeight">Whether the projections are given one by one.</param>
    /// <param name="qProjWeight">That of the query, (E, E).</param>
    /// <param name="kProjWeight">That of the key, (E, kDim).</param>
    /// <param name="vProjWeight">That of the value, (E, vDim).</param>
    /// <param name="averageAttnWeights">Whether the weights are the heads' mean.</param>
    /// <param name="isCausal">Whether query i sees keys 0…i only.</param>
    /// <returns>The result, shaped as the query, and the weights.</returns>
    /// <exception cref="ArgumentException">Shapes do not fit, or a weight is missing.</exception>
    public static (Tensor Output, Tensor? Weights) MultiHeadAttentionForward(Tensor query, Tensor key, Tensor value, long embedDimToCheck, long numHeads, Tensor? inProjWeight,
        Tensor? inProjBias, Tensor? biasK, Tensor? biasV, bool addZeroAttn, double dropoutP, Tensor outProjWeight, Tensor? outProjBias, bool training = true,
        Tensor? keyPaddingMask = null, bool needWeights = true, Tensor? attnMask = null, bool useSeparateProjWeight = false, Tensor? qProjWeight = null, Tensor? kProjWeight = null,
        Tensor? vProjWeight = null, bool averageAttnWeights = true, bool isCausal = false)
    {
        const string op = "MultiHeadAttentionForward";
        if (query.Size(-1) != embedDimToCheck) throw new ArgumentException($"{op}: the query has shape {query.Shape}; its last axis must have {embedDimToCheck} elements.", nameof(query));
        if (biasK is null != biasV is null) throw new ArgumentException($"{op}: give both biasK and biasV, or neither.", nameof(biasV));
        Dictionary<string, Tensor> weights = new() { ["out_proj.weight"] = outProjWeight };
        foreach ((string name, Tensor? t) in ((string, Tensor?)[])[("in_proj_bias", inProjBias), ("bias_k", biasK), ("bias_v", biasV), ("out_proj.bias", outProjBias)])
            if (t is not null) weights.Add(name, t);
        MultiheadAttention m;
        using (Device.Meta.Use())                                               // its own weights are never used
        {
            m = new(embedDimToCheck, numHeads, dropoutP, addBiasKv: biasK is not null, addZeroAttn: addZeroAttn);
            if (inProjBias is null) m.InProjBias = null;
            if (outProjBias is null) m.OutProj.Bias = null;
            if (useSeparateProjWeight)
            {
                m.InProjWeight = null;
                m.QProjWeight = Add("q_proj_weight", qProjWeight);
                m.KProjWeight = Add("k_proj_weight", kProjWeight);
                m.VProjWeight = Add("v_proj_weight", vProjWeight);
            }
            else Add("in_proj_weight", inProjWeight);
        }
        m.Train(training);
        return Stateless.FunctionalCall(m, weights, x => x.Forward(query, key, value, keyPaddingMask, needWeights, attnMask, averageAttnWeights, isCausal));

        Parameter Add(string name, Tensor? t)
        {
            weights.Add(name, t ?? throw new ArgumentException($"{op}: {name} is missing.", nameof(useSeparateProjWeight)));
            return new(Tensor.Empty(t.Shape, t.DType, Device.Meta), requiresGrad: false);
        }
    }

    /// <summary>Convolution over time, the first axis. PyTorch's <c>conv_tbc</c>.</summary>
    /// <param name="input">(T, N, in channels).</param>
    /// <param name="weight">(kernel, in channels, out channels).</param>
    /// <param name="bias">(out channels,).</param>
    /// <param name="pad">How many zeros are added at both ends.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public static Tensor ConvTbc(Tensor input, Tensor weight, Tensor bias, long pad = 0) => input.Rank != 3 || weight.Rank != 3
        ? throw new ArgumentException($"ConvTbc: input {input.Shape} and weight {weight.Shape} are not (T, N, in channels) and (kernel, in channels, out channels).")
        : Conv1d(input.Permute(1, 2, 0), weight.Permute(2, 1, 0), bias, padding: pad).Permute(2, 0, 1);
}
