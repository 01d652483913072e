namespace Flambeau;

/// <summary>A floating-point type whose numbers are held as floats: its uniform numbers and roundings, as PyTorch makes them.</summary>
internal interface IPrecision
{
    /// <summary>How many random bits a uniform number takes.</summary>
    static abstract int Bits { get; }

    /// <summary>The nearest number of the type.</summary>
    static abstract float Round(float x);

    /// <summary>Whether expressions round after every operation (else when they are stored).</summary>
    static abstract bool RoundsThroughout { get; }
}

readonly struct AsSingle : IPrecision
{
    public static int Bits => 24;
    public static float Round(float x) => x;
    public static bool RoundsThroughout => false;
}

readonly struct AsHalf : IPrecision
{
    public static int Bits => 11;
    public static float Round(float x) => (float)(Half)x;
    public static bool RoundsThroughout => false;
}

readonly struct AsBFloat16 : IPrecision
{
    public static int Bits => 8;

    public static float Round(float x)
    {
        if (float.IsNaN(x)) return x;
        uint bits = BitConverter.SingleToUInt32Bits(x);
        return BitConverter.UInt32BitsToSingle(bits + 0x7fff + (bits >> 16 & 1) & 0xffff0000);
    }

    public static bool RoundsThroughout => true;
}
