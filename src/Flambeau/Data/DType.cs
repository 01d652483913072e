using System.Numerics;

namespace Flambeau;

/// <summary>The type of a tensor's elements. PyTorch's names: <c>torch.float32</c> is <see cref="Float32"/>.</summary>
public enum DType : byte
{
    /// <summary>False or true, one byte.</summary>
    Bool,
    /// <summary>0…255.</summary>
    UInt8,
    /// <summary>−128…127.</summary>
    Int8,
    /// <summary>16-bit signed.</summary>
    Int16,
    /// <summary>32-bit signed.</summary>
    Int32,
    /// <summary>64-bit signed; the type of indices.</summary>
    Int64,
    /// <summary>IEEE half precision, <see cref="Half"/>; arithmetic runs in float.</summary>
    Float16,
    /// <summary>The upper half of a float, <see cref="Flambeau.BFloat16"/>; arithmetic runs in float.</summary>
    BFloat16,
    /// <summary>Single precision; the default.</summary>
    Float32,
    /// <summary>Double precision.</summary>
    Float64,
    /// <summary>Two floats, <see cref="Flambeau.Complex64"/>.</summary>
    Complex64,
    /// <summary>Two doubles, <see cref="Complex"/>.</summary>
    Complex128,
}

/// <summary>What a <see cref="DType"/> is.</summary>
public static class DTypeExtensions
{
    static ReadOnlySpan<byte> Sizes => [1, 1, 1, 2, 4, 8, 2, 2, 4, 8, 8, 16];

    extension(DType t)
    {
        /// <summary>Whether numbers of it keep their kind in the other type: no complex number becomes real, no fraction an integer, no number a bool. PyTorch's <c>torch.can_cast</c>.</summary>
        public bool CanCastTo(DType other) => t.Category <= other.Category;

        /// <summary>Bytes an element takes.</summary>
        public int ItemSize => Sizes[(int)t];

        /// <summary>Whether it is float16, bfloat16, float32 or float64.</summary>
        public bool IsFloatingPoint => t is >= DType.Float16 and <= DType.Float64;

        /// <summary>Whether it is complex64 or complex128.</summary>
        public bool IsComplex => t >= DType.Complex64;

        /// <summary>Whether it is one of the integers; bool is not.</summary>
        public bool IsInteger => t is >= DType.UInt8 and <= DType.Int64;

        /// <summary>Whether tensors of it can require gradients: floating point or complex.</summary>
        public bool IsDifferentiable => t >= DType.Float16;

        /// <summary>Whether it is float16 or bfloat16, whose arithmetic runs in float32.</summary>
        public bool IsLowPrecision => t is DType.Float16 or DType.BFloat16;

        /// <summary>The type in which sums of it are best accumulated: float32 for the low-precision types, else itself.</summary>
        internal DType Compute => t.IsLowPrecision ? DType.Float32 : t;

        /// <summary>The real type of a complex one's parts; a real type itself.</summary>
        public DType Real => t switch { DType.Complex64 => DType.Float32, DType.Complex128 => DType.Float64, _ => t };

        /// <summary>The complex type whose parts are of this type.</summary>
        public DType Complex => t switch { DType.Float64 or DType.Complex128 => DType.Complex128, _ => DType.Complex64 };

        /// <summary>The distance from 1 to the next larger number; PyTorch's <c>torch.finfo(t).eps</c>.</summary>
        /// <exception cref="ArgumentException">The type is not floating point.</exception>
        public double Epsilon => t switch
        {
            DType.Float16 => 0.0009765625, DType.BFloat16 => 0.0078125, DType.Float32 or DType.Complex64 => 1.1920928955078125e-07,
            DType.Float64 or DType.Complex128 => 2.220446049250313e-16,
            _ => throw new ArgumentException($"Epsilon: {t} is not a floating-point type."),
        };

        /// <summary>The largest finite number; PyTorch's <c>torch.finfo(t).max</c> or <c>torch.iinfo(t).max</c>.</summary>
        public double MaxValue => t switch
        {
            DType.Bool => 1, DType.UInt8 => 255, DType.Int8 => 127, DType.Int16 => short.MaxValue, DType.Int32 => int.MaxValue, DType.Int64 => long.MaxValue,
            DType.Float16 => 65504, DType.BFloat16 => 3.3895313892515355e38, DType.Float32 or DType.Complex64 => float.MaxValue, _ => double.MaxValue,
        };

        /// <summary>The type's order in promotion: 0 bool, 1 integer, 2 floating, 3 complex.</summary>
        internal int Category => t switch { DType.Bool => 0, <= DType.Int64 => 1, <= DType.Float64 => 2, _ => 3 };
    }

    extension(DType)
    {
        /// <summary>The type of tensors of <typeparamref name="T"/>.</summary>
        /// <exception cref="ArgumentException">No tensor holds this type.</exception>
        public static DType Of<T>() where T : unmanaged =>
            typeof(T) == typeof(float) ? DType.Float32 : typeof(T) == typeof(double) ? DType.Float64 :
            typeof(T) == typeof(long) ? DType.Int64 : typeof(T) == typeof(int) ? DType.Int32 : typeof(T) == typeof(bool) ? DType.Bool :
            typeof(T) == typeof(byte) ? DType.UInt8 : typeof(T) == typeof(sbyte) ? DType.Int8 : typeof(T) == typeof(short) ? DType.Int16 :
            typeof(T) == typeof(Half) ? DType.Float16 : typeof(T) == typeof(BFloat16) ? DType.BFloat16 :
            typeof(T) == typeof(Complex64) ? DType.Complex64 : typeof(T) == typeof(Complex) ? DType.Complex128 :
            throw new ArgumentException($"No tensor holds {typeof(T).Name}. The types are bool, byte, sbyte, short, int, long, Half, BFloat16, float, double, Complex64 and Complex.");

        /// <summary>The type both convert to in an operation on two tensors; PyTorch's <c>torch.promote_types</c>.</summary>
        public static DType Promote(DType a, DType b)
        {
            if (a == b) return a;
            if (a > b) (a, b) = (b, a);                                                // a < b
            if (b.IsComplex) return a == DType.Float64 ? DType.Complex128 : b;
            if (a == DType.Float16 && b == DType.BFloat16) return DType.Float32;
            if (a == DType.UInt8 && b == DType.Int8) return DType.Int16;
            return b;
        }
    }
}
