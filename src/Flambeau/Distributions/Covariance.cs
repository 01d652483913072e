namespace Flambeau.Distributions;

/// <summary>A positive definite matrix, given as such, by its inverse or by its Cholesky factor; the others are computed when they are asked for.</summary>
internal sealed class Covariance
{
    readonly Dims _batch;
    readonly Lazy<Tensor> _matrix, _precision;

    Covariance(Tensor given, string name, Constraint constraint, Tensor l, Dims batch)
    {
        (_batch, L) = (batch, l);
        Argument = new(name, given, constraint);
        _matrix = new(() => Recorded(() => name == "covarianceMatrix" ? given : L.MatMul(L.MT)));
        _precision = new(() => Recorded(() => name == "precisionMatrix" ? given : Common.CholeskyInverse(L)));

        static Tensor Recorded(Func<Tensor> f)
        {
            using var _ = Autograd.EnableGrad();
            return f();
        }
    }

    public static Covariance Of(string owner, Tensor? matrix, Tensor? precision, Tensor? scaleTril, bool validate)
    {
        (string name, Tensor given, Constraint constraint) = (matrix, precision, scaleTril) switch
        {
            ({ } a, null, null) => ("covarianceMatrix", a, Constraints.PositiveDefinite),
            (null, { } a, null) => ("precisionMatrix", a, Constraints.PositiveDefinite),
            (null, null, { } a) => ("scaleTril", a, Constraints.LowerCholesky),
            _ => throw new ArgumentException($"{owner}: give exactly one of covarianceMatrix, precisionMatrix and scaleTril."),
        };
        if (given.Rank < 2 || given.Shape[^1] != given.Shape[^2]) throw new ArgumentException($"{owner}: {name} has the shape {given.Shape}; its last two axes must be a square matrix.", name);
        if (validate)
        {
            using var _ = Autograd.NoGrad();
            if (!constraint.Check(given).All().Item<bool>()) throw new ArgumentException($"{owner}: {name}, of shape {given.Shape}, must be {constraint}. validateArgs: false leaves this unchecked.", name);
        }
        Tensor l = name switch { "covarianceMatrix" => Linalg.Cholesky(given), "precisionMatrix" => Common.PrecisionToScaleTril(given), _ => given };
        return new(given, name, constraint, l, given.Shape[..^2]);
    }

    /// <summary>What was given.</summary>
    public Argument Argument { get; }

    /// <summary>The Cholesky factor, without the batch that it was expanded to.</summary>
    public Tensor L { get; }

    public long Size => L.Shape[^1];

    public Dims Batch => _batch;

    public Tensor ScaleTril => Wide(L);

    public Tensor Matrix => Wide(_matrix.Value);

    public Tensor Precision => Wide(_precision.Value);

    Tensor Wide(Tensor m) => m.Expand([.. _batch, Size, Size]);

    public Covariance Expand(Dims batch) => new(Argument.Value, Argument.Name, Argument.Constraint, L, batch);
}
