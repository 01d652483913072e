using System.Numerics;

namespace Flambeau;

/// <summary>A C# number of any kind, where PyTorch takes a Python number.</summary>
public readonly record struct Scalar
{
    readonly byte _category;

    Scalar(Complex value, byte category) => (Value, _category) = (value, category);

    /// <summary>The number.</summary>
    public Complex Value { get; }

    /// <summary>Whether it came from an integer.</summary>
    public bool IsInteger => _category == 1;

    /// <summary>The type of a tensor made of it when none is asked for.</summary>
    public DType DefaultDType => _category switch { 0 => DType.Bool, 1 => DType.Int64, 2 => Tensor.DefaultDType, _ => Tensor.DefaultDType.Complex };

    /// <summary>A number.</summary>
    public static implicit operator Scalar(bool v) => new(v ? 1 : 0, 0);

    /// <summary>A number.</summary>
    public static implicit operator Scalar(int v) => new(v, 1);

    /// <summary>A number.</summary>
    public static implicit operator Scalar(long v) => new(v, 1);

    /// <summary>A number.</summary>
    public static implicit operator Scalar(double v) => new(v, 2);

    /// <summary>A number.</summary>
    public static implicit operator Scalar(float v) => new(v, 2);

    /// <summary>A number.</summary>
    public static implicit operator Scalar(Complex v) => new(v, 3);

    /// <inheritdoc/>
    public override string ToString() => Value.Imaginary == 0 ? Value.Real.ToString(System.Globalization.CultureInfo.InvariantCulture) : Value.ToString();
}
