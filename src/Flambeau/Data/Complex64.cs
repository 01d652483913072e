using System.Numerics;

namespace Flambeau;

/// <summary>A complex number of two floats; <see cref="Complex"/> has two doubles.</summary>
/// <param name="Real">The real part.</param>
/// <param name="Imaginary">The imaginary part.</param>
public readonly record struct Complex64(float Real, float Imaginary)
{
    /// <summary>Exact.</summary>
    public static implicit operator Complex(Complex64 x) => new(x.Real, x.Imaginary);

    /// <summary>Rounds both parts.</summary>
    public static explicit operator Complex64(Complex x) => new((float)x.Real, (float)x.Imaginary);

    /// <summary>A real number.</summary>
    public static implicit operator Complex64(float x) => new(x, 0);

    /// <inheritdoc/>
    public override string ToString() => ((Complex)this).ToString();
}
