using System.Globalization;
using System.Runtime.CompilerServices;

namespace Flambeau;

/// <summary>A float's sign, exponent and first 7 bits of fraction: its upper half.</summary>
/// <param name="bits">The 16 bits.</param>
public readonly struct BFloat16(ushort bits) : IEquatable<BFloat16>, IComparable<BFloat16>
{
    /// <summary>The 16 bits.</summary>
    public ushort Bits => bits;

    /// <summary>Exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator float(BFloat16 x) => BitConverter.UInt32BitsToSingle((uint)x.Bits << 16);

    /// <summary>Exact.</summary>
    public static implicit operator double(BFloat16 x) => (float)x;

    /// <summary>Rounds to nearest, halves to even; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static explicit operator BFloat16(float x)
    {
        uint u = BitConverter.SingleToUInt32Bits(x);
        return new(float.IsNaN(x) ? (ushort)0x7fc0 : (ushort)((u + 0x7fff + ((u >> 16) & 1)) >> 16));
    }

    /// <summary>Rounds to float, then to nearest.</summary>
    public static explicit operator BFloat16(double x) => (BFloat16)(float)x;

    /// <summary>As floats compare: NaN equals nothing, −0 equals 0.</summary>
    public static bool operator ==(BFloat16 a, BFloat16 b) => (float)a == (float)b;

    /// <summary>Not <c>==</c>.</summary>
    public static bool operator !=(BFloat16 a, BFloat16 b) => (float)a != (float)b;

    /// <inheritdoc/>
    public bool Equals(BFloat16 other) => ((float)this).Equals(other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BFloat16 b && Equals(b);

    /// <inheritdoc/>
    public override int GetHashCode() => ((float)this).GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(BFloat16 other) => ((float)this).CompareTo(other);

    /// <inheritdoc/>
    public override string ToString() => ((float)this).ToString(CultureInfo.InvariantCulture);
}
