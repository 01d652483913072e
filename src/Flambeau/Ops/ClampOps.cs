namespace Flambeau.Ops;

// As clamp and its relatives are derived in PyTorch: at a bound, the value moves and the bound does not.

/// <summary>The larger of a and a lower bound b; NaN if either is</summary>
internal readonly record struct ClampMin : IBinaryOp
{
    public static string Name => "clamp_min";
    public static Traits Traits => Traits.Real;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Max(a, b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Where(T.LessEqual(b, a), grad, T.Zero);
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Where(T.Less(a, b), grad, T.Zero);
    public T Integer<T>(T a, T b) where T : IInteger<T> => T.Max(a, b);
}

/// <summary>The smaller of a and an upper bound b; NaN if either is</summary>
internal readonly record struct ClampMax : IBinaryOp
{
    public static string Name => "clamp_max";
    public static Traits Traits => Traits.Real;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Min(a, b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Where(T.LessEqual(a, b), grad, T.Zero);
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Where(T.Less(b, a), grad, T.Zero);
    public T Integer<T>(T a, T b) where T : IInteger<T> => T.Min(a, b);
}

/// <summary>min(max(a, b), c): where the bounds cross, the upper one</summary>
internal readonly record struct ClampBetween : ITernaryOp
{
    public static string Name => "clamp";
    public static Traits Traits => Traits.Real;
    public T Forward<T>(T a, T b, T c) where T : IReal<T> => T.Min(T.Max(a, b), c);
    public T BackwardA<T>(T grad, T a, T b, T c) where T : IReal<T> => T.Where(T.And(T.LessEqual(b, a), T.LessEqual(a, c)), grad, T.Zero);
    public T BackwardB<T>(T grad, T a, T b, T c) where T : IReal<T> => T.Where(T.And(T.Less(a, b), T.Less(b, c)), grad, T.Zero);
    public T BackwardC<T>(T grad, T a, T b, T c) where T : IReal<T> => T.Where(T.Or(T.Less(c, a), T.Less(c, b)), grad, T.Zero);
    public T Integer<T>(T a, T b, T c) where T : IInteger<T> => T.Min(T.Max(a, b), c);
}

/// <summary>The larger; a number rather than NaN. Equals: the first has the gradient</summary>
internal readonly record struct Fmax : IBinaryOp
{
    public static string Name => "fmax";
    public static Traits Traits => Traits.Real;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Where(T.Equal(a, a), T.Where(T.Equal(b, b), T.Max(a, b), a), b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Where(First(a, b), grad, T.Zero);
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Where(First(a, b), T.Zero, grad);
    static T First<T>(T a, T b) where T : IReal<T> => T.Or(T.LessEqual(b, a), T.Not(T.Equal(b, b)));
    public T Integer<T>(T a, T b) where T : IInteger<T> => T.Max(a, b);
}

/// <summary>The smaller; a number rather than NaN. Equals: the first has the gradient</summary>
internal readonly record struct Fmin : IBinaryOp
{
    public static string Name => "fmin";
    public static Traits Traits => Traits.Real;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Where(T.Equal(a, a), T.Where(T.Equal(b, b), T.Min(a, b), a), b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Where(First(a, b), grad, T.Zero);
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Where(First(a, b), T.Zero, grad);
    static T First<T>(T a, T b) where T : IReal<T> => T.Or(T.LessEqual(a, b), T.Not(T.Equal(b, b)));
    public T Integer<T>(T a, T b) where T : IInteger<T> => T.Min(a, b);
}

/// <summary>0 where a is negative or NaN, b where it is 0, 1 where it is positive</summary>
internal readonly record struct Heaviside : IBinaryOp
{
    public static string Name => "heaviside";
    public static Traits Traits => Traits.Real | Traits.NotDifferentiable;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Where(T.Equal(a, T.Zero), b, T.Where(T.Less(T.Zero, a), T.One, T.Zero));
    public T Integer<T>(T a, T b) where T : IInteger<T> => T.Where(T.Equal(a, T.Const(0)), b, T.Less(T.Const(0), a));
}
