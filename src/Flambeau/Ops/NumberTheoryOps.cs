namespace Flambeau.Ops;

/// <summary>The greatest common divisor, not negative</summary>
internal readonly record struct Gcd : IBinaryOp
{
    public static string Name => "gcd";
    public static Traits Traits => Traits.Integer | Traits.NotDifferentiable;
    public T Forward<T>(T a, T b) where T : IReal<T> => throw new NotSupportedException();
    public T Integer<T>(T a, T b) where T : IInteger<T> => T.Gcd(a, b);
}

/// <summary>The least common multiple, not negative; 0 if either is 0</summary>
internal readonly record struct Lcm : IBinaryOp
{
    public static string Name => "lcm";
    public static Traits Traits => Traits.Integer | Traits.NotDifferentiable;
    public T Forward<T>(T a, T b) where T : IReal<T> => throw new NotSupportedException();

    public T Integer<T>(T a, T b) where T : IInteger<T>
    {
        T g = T.Gcd(a, b);
        return T.Abs(T.Divide(a, T.Where(g, g, T.Const(1))) * b);
    }
}
