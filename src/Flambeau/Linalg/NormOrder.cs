using System.Globalization;

namespace Flambeau;

/// <summary>Which norm: a number, or <c>fro</c> or <c>nuc</c>. Numbers and strings convert to it.</summary>
public readonly record struct NormOrder
{
    NormOrder(double? number, string? name) => (Number, Name) = (number, name);

    /// <summary>The number, if it is one.</summary>
    public double? Number { get; }

    /// <summary>The name, if it has one.</summary>
    public string? Name { get; }

    /// <summary>A number's norm.</summary>
    public static implicit operator NormOrder(double number) => new(number, null);

    /// <summary>A number's norm.</summary>
    public static implicit operator NormOrder(long number) => new(number, null);

    /// <summary>A number's norm.</summary>
    public static implicit operator NormOrder(int number) => new(number, null);

    /// <summary>A norm by name.</summary>
    /// <exception cref="ArgumentException">The name is not <c>fro</c>, <c>nuc</c>, <c>inf</c> or <c>-inf</c>.</exception>
    public static implicit operator NormOrder(string name) => name switch
    {
        "fro" or "nuc" => new(null, name), "inf" => new(double.PositiveInfinity, null), "-inf" => new(double.NegativeInfinity, null),
        _ => throw new ArgumentException($"A norm is a number, \"fro\" or \"nuc\", not \"{name}\"."),
    };

    internal void CheckMatrix(string op)
    {
        if (Number is { } p && Math.Abs(p) is not (1 or 2 or double.PositiveInfinity))
            throw new ArgumentException($"{op}: there is no matrix norm of order {this}; there are 1, −1, 2, −2, ∞, −∞, \"fro\" and \"nuc\".");
    }

    /// <inheritdoc/>
    public override string ToString() => Name ?? Number?.ToString(CultureInfo.InvariantCulture) ?? "fro";
}
