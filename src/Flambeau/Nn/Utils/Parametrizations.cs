namespace Flambeau.Nn;

/// <summary>Parametrizations ready for use. PyTorch's <c>torch.nn.utils.parametrizations</c>.</summary>
public static class Parametrizations
{
    /// <summary>Length and direction learned apart: g · v / |v| (Salimans and Kingma, 2016).</summary>
    /// <param name="module">The module.</param>
    /// <param name="name">The name of its parameter.</param>
    /// <param name="dim">The axis along which each slice has a length of its own; null for one length of all.</param>
    public static TModule WeightNorm<TModule>(TModule module, string name = "weight", int? dim = 0) where TModule : Module =>
        Parametrize.RegisterParametrization(module, name, new WeightNormed(dim));

    /// <summary>A matrix divided by its largest singular value, which is found by iteration along the training (Miyato et al., 2018).</summary>
    /// <param name="module">The module.</param>
    /// <param name="name">The name of its parameter, whose other axes are taken as one.</param>
    /// <param name="nPowerIterations">How many iterations each use in training makes.</param>
    /// <param name="eps">What keeps divisions finite.</param>
    /// <param name="dim">The axis of the outputs; by default 0, and 1 for transposed convolutions.</param>
    public static TModule SpectralNorm<TModule>(TModule module, string name = "weight", int nPowerIterations = 1, double eps = 1e-12, int? dim = null) where TModule : Module =>
        Parametrize.RegisterParametrization(module, name, new SpectralNormed(module.ParameterOf(name), nPowerIterations, dim ?? DimOf(module), eps));

    internal static int DimOf(Module module) => module is ConvTranspose1d or ConvTranspose2d or ConvTranspose3d ? 1 : 0;

    /// <summary>A matrix, or a batch of them, with orthonormal columns (or rows, if it is wide). The map is taken around the first value (Lezcano-Casado, 2019), which is made orthogonal.</summary>
    /// <param name="module">The module.</param>
    /// <param name="name">The name of its parameter.</param>
    /// <param name="orthogonalMap"><c>matrix_exp</c> (by default of square ones), <c>cayley</c>, or <c>householder</c>.</param>
    /// <exception cref="ArgumentException">The parameter is no matrix, or the map has another name.</exception>
    public static TModule Orthogonal<TModule>(TModule module, string name = "weight", string? orthogonalMap = null) where TModule : Module
    {
        Parameter p = module.ParameterOf(name);
        if (p.Rank < 2) throw new ArgumentException($"Orthogonal: '{name}' of shape {p.Shape} is no matrix.", nameof(name));
        orthogonalMap ??= p.Size(-1) == p.Size(-2) || p.DType.IsComplex ? "matrix_exp" : "householder";
        if (orthogonalMap is not ("matrix_exp" or "cayley" or "householder"))
            throw new ArgumentException($"Orthogonal: orthogonalMap is \"matrix_exp\", \"cayley\" or \"householder\", not \"{orthogonalMap}\".", nameof(orthogonalMap));
        if (orthogonalMap == "householder" && p.DType.IsComplex) throw new ArgumentException("Orthogonal: the map \"householder\" is not defined for complex tensors.", nameof(orthogonalMap));
        return Parametrize.RegisterParametrization(module, name, new OrthogonalMap(orthogonalMap));
    }
}

/// <summary>original0 · original1 / |original1|.</summary>
sealed class WeightNormed(int? dim) : Parametrization
{
    public override Tensor Forward(IReadOnlyList<Tensor> originals) => originals[1] * (originals[0] / Norm(originals[1], dim));

    public override IReadOnlyList<Tensor> RightInverse(Tensor value) => [Norm(value, dim), value];

    /// <summary>The norm of each slice, kept broadcastable.</summary>
    public static Tensor Norm(Tensor v, int? dim)
    {
        if (dim is null or -1) return v.Abs().Square().Sum().Sqrt();
        int d = Layout.Axis(dim.Value, v.Rank, "WeightNorm");
        Tensor rows = v.Transpose(0, d).Flatten(1), n = rows.Abs().Square().Sum(1).Sqrt();
        long[] shape = new long[v.Rank];
        Array.Fill(shape, 1);
        shape[d] = v.Shape[d];
        return n.Reshape(shape);
    }
}

/// <summary>A matrix by its largest singular value.</summary>
sealed class SpectralNormed : Parametrization
{
    readonly int _iterations, _dim;
    readonly double _eps;

    public SpectralNormed(Tensor weight, int iterations, int dim, double eps)
    {
        if (iterations < 1) throw new ArgumentOutOfRangeException(nameof(iterations), iterations, $"SpectralNorm: there must be at least one iteration, not {iterations}.");
        (_iterations, _dim, _eps) = (iterations, Layout.Axis(dim, weight.Rank, "SpectralNorm"), eps);
        if (weight.Rank < 2) return;
        using var _ = Autograd.NoGrad();
        Tensor matrix = Matrix(weight.Detach());
        U = new(F.Normalize(Tensor.Randn([matrix.Size(0)], matrix.DType), dim: 0, eps: eps));
        V = new(F.Normalize(Tensor.Randn([matrix.Size(1)], matrix.DType), dim: 0, eps: eps));
        Iterate(matrix, 15);
    }

    [Name("_u")] public Buffer? U { get; }

    [Name("_v")] public Buffer? V { get; }

    Tensor Matrix(Tensor w) => (_dim == 0 ? w : w.MoveDim(_dim, 0)).Flatten(1);

    void Iterate(Tensor matrix, int times)
    {
        using var _ = Autograd.NoGrad();
        matrix = matrix.Detach();
        for (int i = 0; i < times; i++)
        {
            U!.CopyInPlace(F.Normalize(matrix.MatMul(V!), dim: 0, eps: _eps));
            V!.CopyInPlace(F.Normalize(matrix.T.MatMul(U), dim: 0, eps: _eps));
        }
    }

    public override Tensor Forward(IReadOnlyList<Tensor> originals)
    {
        Tensor w = originals[0];
        if (U is null) return F.Normalize(w, dim: 0, eps: _eps);
        Tensor matrix = Matrix(w);
        if (IsTraining) Iterate(matrix, _iterations);
        return w / (U.Detach().Clone() * matrix.MatMul(V!.Detach().Clone())).Sum();
    }
}

/// <summary>Orthonormal columns.</summary>
sealed class OrthogonalMap(string map) : Parametrization
{
    public Buffer? Base { get; private set; }

    public override Tensor Forward(IReadOnlyList<Tensor> originals)
    {
        Tensor x = originals[0];
        bool isWide = x.Size(-2) < x.Size(-1);
        if (isWide) x = x.MT;
        long n = x.Size(-2), k = x.Size(-1);
        Tensor q;
        if (map == "householder")
        {
            Tensor a = x.Tril(-1), tau = 2 / (1 + (a * a).Sum(-2));
            q = Linalg.HouseholderProduct(a, tau) * x.Diagonal(0, -2, -1).Detach().Sign().Unsqueeze(-2);
        }
        else
        {
            x = x.Tril();
            if (n != k) x = Tensor.Cat([x, Tensor.Zeros([.. x.Shape.Span[..^1], n - k], x.DType)], -1);
            Tensor a = x - x.MT.Conj();
            if (map == "matrix_exp") q = a.MatrixExp();
            else
            {
                Tensor one = Tensor.Eye(n, dtype: x.DType);
                q = Linalg.Solve(one + a * -0.5, one + a * 0.5);
            }
            if (n != k) q = q.Narrow(-1, 0, k);
        }
        if (Base is not null) q = Base.MatMul(q);
        return isWide ? q.MT : q;
    }

    public override IReadOnlyList<Tensor> RightInverse(Tensor value)
    {
        Tensor q = value.Size(-2) < value.Size(-1) ? value.MT : value;
        long n = q.Size(-2), k = q.Size(-1);
        if (n != k) q = Tensor.Cat([q, Tensor.Randn([.. q.Shape.Span[..^1], n - k], q.DType)], -1);
        Base = new(Orthonormal(q));
        Tensor start = Tensor.ZerosLike(value);
        start.Diagonal(0, -2, -1).FillInPlace(-1);
        return [start];
    }

    /// <summary>The nearest in the sense of Gram and Schmidt.</summary>
    static Tensor Orthonormal(Tensor a)
    {
        (Tensor q, Tensor r) = Linalg.Qr(a);
        return q * r.Diagonal(0, -2, -1).Sgn().Unsqueeze(-2);
    }
}
