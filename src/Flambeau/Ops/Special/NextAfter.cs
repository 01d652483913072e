namespace Flambeau.Ops;

/// <summary>The number of a type next to a on the way to b</summary>
internal readonly record struct NextAfter(DType Type) : IBinaryOp, IScalarFunction
{
    public static string Name => "nextafter";
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Each(this, a, b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => NoDerivative.Of<T>(Name, "input");
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => NoDerivative.Of<T>(Name, "other");

    public double Value(double a, double b)
    {
        if (!(a < b || a > b)) return a == b ? b : double.NaN;
        bool up = a < b;
        switch (Type)
        {
            case DType.Float64: return up ? Math.BitIncrement(a) : Math.BitDecrement(a);
            case DType.Float32: return up ? MathF.BitIncrement((float)a) : MathF.BitDecrement((float)a);
            case DType.Float16: return (double)(up ? Half.BitIncrement((Half)a) : Half.BitDecrement((Half)a));
            default:
                ushort bits = ((BFloat16)a).Bits;
                return new BFloat16(a == 0 ? (ushort)(up ? 1 : 0x8001) : (ushort)(a > 0 == up ? bits + 1 : bits - 1));
        }
    }
}
