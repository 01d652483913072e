namespace Flambeau.Ops;

/// <summary>
/// A constant of an operation's body, in both types that lanes have: the loop reads it from memory in the instruction that spreads it over a lane, where converting it,
/// which the JIT does not always move out of the loop, would be two more for each vector.
/// </summary>
/// <param name="Double">The constant.</param>
public readonly record struct Coefficient(double Double)
{
    readonly long bits = BitConverter.DoubleToInt64Bits(Double);

    /// <summary>The constant, rounded.</summary>
    public float Single { get; } = (float)Double;

    /// <summary>Whether it is <paramref name="value"/> to the bit, which a loop finds out in one instruction: 0 is not −0.</summary>
    public bool Is(double value) => bits == BitConverter.DoubleToInt64Bits(value);

    /// <inheritdoc/>
    public override string ToString() => Double.ToString();

    /// <summary>The constant <paramref name="value"/>.</summary>
    public static implicit operator Coefficient(double value) => new(value);
}

/// <summary>What is kept of a running mean, and the rest, which is taken from what is new.</summary>
internal readonly struct Decay(double kept)
{
    public readonly Coefficient Kept = kept, New = 1 - kept;

    public static implicit operator Decay(double kept) => new(kept);
}
