namespace Flambeau;

/// <summary>What random operations do inside <see cref="Func.Vmap{TIn, TOut}"/>.</summary>
public enum Randomness
{
    /// <summary>They throw.</summary>
    Error,
    /// <summary>Each example draws its own numbers.</summary>
    Different,
    /// <summary>All examples get the same numbers.</summary>
    Same,
}
