using Flambeau.Ops;

namespace Flambeau.Backends;

// Networks' operations. All arguments are contiguous and float32 or float64 unless said otherwise.
public abstract partial class Backend
{
    /// <summary>y = eˣ / Σ eˣ along lines, or its logarithm.</summary>
    internal abstract void Softmax(Tensor x, Lines lines, bool log, Tensor y);

    /// <summary>dx = y (g − Σ g y), or of the logarithm g − e^y Σ g.</summary>
    internal abstract void SoftmaxBackward(Tensor g, Tensor y, Lines lines, bool log, Tensor dx);

    /// <summary>Of scores x along lines and classes in int64: each line's loss, weight, maximum and ln Σ e^{x − max}. Refuses classes that are none.</summary>
    internal abstract void CrossEntropy(Tensor x, Tensor target, Tensor? weight, Lines lines, long ignore, double smoothing, Tensor loss,
        Tensor rowWeight, Tensor max, Tensor logSum);

    /// <summary>The gradient of the scores from that of the losses.</summary>
    internal abstract void CrossEntropyBackward(Tensor g, Tensor x, Tensor target, Tensor? weight, Tensor max, Tensor logSum, Lines lines,
        long ignore, double smoothing, Tensor dx);

    /// <summary>Each line's −w x at its class, and w. Refuses classes that are none.</summary>
    internal abstract void Nll(Tensor x, Tensor target, Tensor? weight, Lines lines, long ignore, Tensor loss, Tensor rowWeight);

    /// <summary>Zeros, and −g at each line's class.</summary>
    internal abstract void NllBackward(Tensor g, Tensor target, Lines lines, long ignore, Tensor dx);

    /// <summary>See <see cref="Ops.CtcLoss"/>.</summary>
    internal abstract void CtcLoss(Tensor x, Tensor targets, Tensor steps, Tensor lengths, long blank, Tensor loss, Tensor alpha);

    /// <summary>The gradient of its log-probabilities.</summary>
    internal abstract void CtcLossBackward(Tensor g, Tensor x, Tensor targets, Tensor steps, Tensor lengths, Tensor loss, Tensor alpha, long blank, bool zeroInfinity, Tensor dx);

    /// <summary>y = (x − mean) · rstd · weight + bias in each row; mean is 0 unless centered.</summary>
    internal abstract void RowNorm(Tensor x, Tensor? weight, Tensor? bias, NormRows rows, double eps, bool centered, Tensor y, Tensor mean, Tensor rstd);

    /// <summary>The gradients of x, weight and bias of <see cref="RowNorm"/>.</summary>
    internal abstract void RowNormBackward(Tensor g, Tensor x, Tensor mean, Tensor rstd, Tensor? weight, NormRows rows, bool centered, Tensor dx,
        Tensor dWeight, Tensor dBias);

    /// <summary>y = (x − mean)/√(var + ε) · weight + bias, mean and variance over all lines of a channel: x is (lines.Outer, channels, lines.Inner).</summary>
    internal abstract void BatchNorm(Tensor x, Tensor? weight, Tensor? bias, Lines lines, double eps, Tensor y, Tensor mean, Tensor var);

    /// <summary>The gradients of x, weight and bias of <see cref="BatchNorm"/>.</summary>
    internal abstract void BatchNormBackward(Tensor g, Tensor x, Tensor mean, Tensor var, Tensor? weight, Lines lines, double eps, Tensor dx,
        Tensor dWeight, Tensor dBias);

    /// <summary>y = x / max(‖x‖, ε) in each row, which lies along the last axis.</summary>
    internal abstract void UnitRows(Tensor x, double eps, Tensor y);

    /// <summary>y = Σ a b / (max(‖a‖, ε) max(‖b‖, ε)) of each row.</summary>
    internal abstract void RowCosine(Tensor a, Tensor b, double eps, Tensor y);

    /// <summary>Row i of y is row index[i] of the table, of any type. Refuses indices that are none.</summary>
    internal abstract void GatherRows(Tensor table, Tensor index, Tensor y);

    /// <summary>Row i of y is <paramref name="scale"/> times the sum of the table's rows that row i of index names. Refuses indices that are none.</summary>
    internal abstract void SumRows(Tensor table, Tensor index, double scale, Tensor y);

    /// <summary>Row v of y is the sum of all rows of x whose index is v, or with <paramref name="mean"/> their mean; 0 for v = padding.</summary>
    internal abstract void ScatterRows(Tensor x, Tensor index, long padding, bool mean, Tensor y);

    /// <summary>y = softmax(q kᵀ scale + mask) v, and ln Σ of each row; q, k, v and mask may be strided.</summary>
    internal abstract void Attention(Tensor q, Tensor k, Tensor v, Tensor? mask, double scale, bool causal, Tensor y, Tensor logSum);

    /// <summary>The gradients of q, k and v of <see cref="Attention"/>; q, k, v and mask may be strided.</summary>
    internal abstract void AttentionBackward(Tensor g, Tensor q, Tensor k, Tensor v, Tensor? mask, Tensor y, Tensor logSum, double scale,
        bool causal, Tensor dq, Tensor dk, Tensor dv);

    /// <summary>c′ = σ(f) c + σ(i) tanh(g), h′ = σ(o) tanh(c′) with (i, f, g, o) = a + b; the gates after their functions.</summary>
    internal abstract void LstmGates(Tensor a, Tensor b, Tensor c, Tensor h, Tensor next, Tensor gates);

    /// <summary>The gradients of the gates before their functions and of c.</summary>
    internal abstract void LstmGatesBackward(Tensor dh, Tensor dNext, Tensor c, Tensor next, Tensor gates, Tensor dGates, Tensor dc);

    /// <summary>n = tanh(a_n + σ(r) b_n), h′ = (1 − σ(z)) n + σ(z) h with (r, z) = a + b; the gates after their functions.</summary>
    internal abstract void GruGates(Tensor a, Tensor b, Tensor h, Tensor next, Tensor gates);

    /// <summary>The gradients of a, b and h.</summary>
    internal abstract void GruGatesBackward(Tensor g, Tensor b, Tensor h, Tensor gates, Tensor da, Tensor db, Tensor dh);

    /// <summary>All time steps of <see cref="Ops.RecurrentLayer"/>: its inputs and results.</summary>
    internal abstract void RecurrentLayer(RecurrentKind kind, bool reverse, Tensor[] x, Tensor[] y);

    /// <summary>All time steps of <see cref="Ops.RecurrentLayerBackward"/>: its inputs and results.</summary>
    internal abstract void RecurrentLayerBackward(RecurrentKind kind, bool reverse, Tensor[] x, Tensor[] y);
}
