namespace Flambeau.Distributions;

/// <summary>What distributions share.</summary>
internal static class Common
{
    public const double EulerGamma = 0.57721566490153286061, LogTwoPi = 1.8378770664093454836;

    /// <summary>Parameters in one floating-point type and one shape; numbers take the type of the tensors beside them.</summary>
    public static Tensor[] Broadcast(params ReadOnlySpan<Tensor> x)
    {
        Tensor[] y = ToFloat(x);
        return Tensor.BroadcastTensors(y);
    }

    public static (Tensor, Tensor) Broadcast(Tensor a, Tensor b) => Broadcast([a, b]) is [var x, var y] ? (x, y) : default;

    public static (Tensor, Tensor, Tensor) Broadcast(Tensor a, Tensor b, Tensor c) => Broadcast([a, b, c]) is [var x, var y, var z] ? (x, y, z) : default;

    /// <summary>In one floating-point type.</summary>
    public static Tensor[] ToFloat(params ReadOnlySpan<Tensor> x)
    {
        DType t = Ops.Shapes.ResultType(x);
        if (!t.IsFloatingPoint) t = Tensor.DefaultDType;
        var y = new Tensor[x.Length];
        for (int i = 0; i < y.Length; i++) y[i] = x[i].To(t) is { IsWrappedNumber: true } number ? number.Detach() : x[i].To(t);
        return y;
    }

    public static Tensor ToFloat(Tensor x) => ToFloat([x])[0];

    /// <summary>Σ over the last axes.</summary>
    public static Tensor SumRightmost(Tensor x, int axes) => axes == 0 ? x : x.Flatten(x.Rank - axes).Sum(-1);

    /// <summary>A shape with further axes.</summary>
    public static Dims Plus(ReadOnlySpan<long> shape, params ReadOnlySpan<long> more) => [.. shape, .. more];

    /// <summary>The smallest positive normal number of a type; PyTorch's <c>torch.finfo(t).tiny</c>.</summary>
    public static double Tiny(DType t) => t switch { DType.Float64 => 2.2250738585072014e-308, DType.Float16 => 6.103515625e-05, _ => 1.1754943508222875e-38 };

    /// <summary>Away from 0 and 1, so that logarithms are finite.</summary>
    public static Tensor ClampProbs(Tensor probs) => probs.Clamp(probs.DType.Epsilon, 1 - probs.DType.Epsilon);

    /// <summary>−[v log σ(l) + (1 − v) log(1 − σ(l))]</summary>
    public static Tensor CrossEntropy(Tensor logits, Tensor value) => -(-logits).LogSigmoid() - logits * value;

    /// <summary>x · x.</summary>
    public static Tensor Sq(Tensor x) => x.Square();

    /// <summary>An identity matrix for a matrix's last two axes.</summary>
    public static Tensor EyeLike(Tensor matrix) => Tensor.Eye(matrix.Shape[^1], dtype: matrix.DType);

    /// <summary>log Γₚ(x), the multivariate gamma function.</summary>
    public static Tensor MvLgamma(Tensor x, long p) => (x.Unsqueeze(-1) - Halves(x, p)).Lgamma().Sum(-1) + p * (p - 1) / 4.0 * Math.Log(Math.PI);

    /// <summary>ψₚ(x), its logarithmic derivative.</summary>
    public static Tensor MvDigamma(Tensor x, long p) => (x.Unsqueeze(-1) - Halves(x, p)).Digamma().Sum(-1);

    /// <summary>0, ½, 1, … (p − 1)/2</summary>
    static Tensor Halves(Tensor like, long p) => Tensor.Arange(p, like.DType) / 2;

    /// <summary>Matrix times vector in batches: (…, n, m) · (…, m) → (…, n).</summary>
    public static Tensor Mv(Tensor matrix, Tensor vector) => matrix.MatMul(vector.Unsqueeze(-1)).Squeeze(-1);

    /// <summary>|L⁻¹x|², the squared Mahalanobis distance under the covariance LLᵀ: (…, n, n), (…, n) → (…).</summary>
    public static Tensor Mahalanobis(Tensor l, Tensor x) => Sq(Linalg.SolveTriangular(l, x.Unsqueeze(-1), upper: false).Squeeze(-1)).Sum(-1);

    /// <summary>Σ log Lᵢᵢ: half the log determinant of LLᵀ.</summary>
    public static Tensor HalfLogDet(Tensor l) => l.Diagonal(0, -2, -1).Log().Sum(-1);

    /// <summary>The lower Cholesky factor of a matrix whose inverse is given: that of the inverse, turned around, needs one triangular solve only.</summary>
    public static Tensor PrecisionToScaleTril(Tensor precision)
    {
        Tensor turned = Linalg.Cholesky(precision.Flip(-2, -1)).Flip(-2, -1).MT;                             // lower, R Rᵀ⁻¹ …: P = TᵀT, so P⁻¹ = T⁻¹T⁻ᵀ
        return Linalg.SolveTriangular(turned, EyeLike(precision), upper: false);
    }

    /// <summary>(LLᵀ)⁻¹ from its lower factor.</summary>
    public static Tensor CholeskyInverse(Tensor l)
    {
        Tensor i = Linalg.SolveTriangular(l, EyeLike(l), upper: false);
        return i.MT.MatMul(i);
    }
}
