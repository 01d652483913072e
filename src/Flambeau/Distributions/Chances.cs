namespace Flambeau.Distributions;

/// <summary>Probabilities that were given as such or as logits; the other is computed when it is asked for, once.</summary>
internal sealed class Chances
{
    readonly Lazy<Tensor> _probs, _logits;

    Chances(Tensor given, bool isProbs, bool isBinary)
    {
        (Given, IsProbs, IsBinary) = (given, isProbs, isBinary);
        _probs = new(() => isProbs ? given : Recorded(() => isBinary ? given.Sigmoid() : given.Softmax(-1)));
        _logits = new(() => !isProbs ? given : Recorded(() =>
        {
            Tensor p = Common.ClampProbs(given);
            return isBinary ? p.Log() - (-p).Log1p() : p.Log();
        }));

        // Whoever asks first may do so where nothing is recorded; later ones may want a gradient.
        static Tensor Recorded(Func<Tensor> f)
        {
            using var _ = Autograd.EnableGrad();
            return f();
        }
    }

    /// <summary>Of independent outcomes: logits are log odds.</summary>
    public static Chances Binary(string owner, Tensor? probs, Tensor? logits)
    {
        Tensor given = Common.ToFloat(One(owner, probs, logits));
        return new(given, probs is not null, true);
    }

    /// <summary>As <see cref="Binary(string, Tensor?, Tensor?)"/>, with another parameter that is broadcast with them.</summary>
    public static (Chances, Tensor) Binary(string owner, Tensor? probs, Tensor? logits, Tensor other)
    {
        (Tensor given, other) = Common.Broadcast(One(owner, probs, logits), other);
        return (new(given, probs is not null, true), other);
    }

    /// <summary>Of one outcome among those along the last axis: logits are unnormalized log probabilities. Both come out normalized.</summary>
    public static Chances OneOf(string owner, Tensor? probs, Tensor? logits)
    {
        Tensor given = Common.ToFloat(One(owner, probs, logits));
        if (given.Rank < 1) throw new ArgumentException($"{owner}: {(probs is not null ? "probs" : "logits")} must have at least one axis, that of the categories.");
        given = probs is not null ? given / given.Sum(-1, keepDim: true) : given - given.LogSumExp([-1], keepDim: true);
        return new(given, probs is not null, false);
    }

    static Tensor One(string owner, Tensor? probs, Tensor? logits) => (probs is null) != (logits is null) ? (probs ?? logits)!
        : throw new ArgumentException($"{owner}: give either probs or logits, not {(probs is null ? "neither" : "both")}.");

    public Tensor Given { get; }

    public bool IsProbs { get; }

    bool IsBinary { get; }

    public Tensor Probs => _probs.Value;

    public Tensor Logits => _logits.Value;

    public Chances Expand(Dims shape) => new(Given.Expand(shape), IsProbs, IsBinary);

    /// <summary>With the probabilities, if they were given, away from 0 and 1.</summary>
    public Chances Clamped() => IsProbs ? new(Common.ClampProbs(Given), true, IsBinary) : this;

    /// <summary>What was given, with its constraint: by default what a probability, or a distribution over categories, must satisfy.</summary>
    public Argument Argument(Constraint? probs = null) => IsProbs
        ? new("probs", Given, probs ?? (IsBinary ? Constraints.UnitInterval : Constraints.Simplex))
        : new("logits", Given, IsBinary ? Constraints.Real : Constraints.RealVector);
}
