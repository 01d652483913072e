using System.Runtime.CompilerServices;

namespace Flambeau.Ops;

// Losses element by element: a is the prediction, b the target.

/// <summary>(a − b)²</summary>
internal readonly record struct SquaredError : IBinaryOp
{
    public static string Name => "mse_loss";
    public T Forward<T>(T a, T b) where T : IReal<T> => (a - b) * (a - b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * T.Const(2) * (a - b);
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * T.Const(2) * (b - a);
}

/// <summary>(a − b + ε)²: the terms of a distance</summary>
internal readonly record struct SquaredDistance(Coefficient Eps) : IBinaryOp
{
    public static string Name => "pairwise_distance";
    public T Forward<T>(T a, T b) where T : IReal<T> => (a - b + T.Const(Eps)) * (a - b + T.Const(Eps));
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * T.Const(2) * (a - b + T.Const(Eps));
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * T.Const(-2) * (a - b + T.Const(Eps));
}

/// <summary>√(a + b − 2c), 0 where that is not positive, without a derivative there: a distance by two squares and a product</summary>
internal readonly record struct DistanceOf : ITernaryOp
{
    public static string Name => "cdist";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static T Square<T>(T a, T b, T c) where T : IReal<T> => a + b - T.Const(2) * c;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static T Slope<T>(T grad, T square) where T : IReal<T> => T.Where(T.Less(T.Zero, square), grad / T.Sqrt(T.Where(T.Less(T.Zero, square), square, T.One)), T.Zero);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T a, T b, T c) where T : IReal<T> => T.Sqrt(T.Max(Square(a, b, c), T.Zero));
    public T BackwardA<T>(T grad, T a, T b, T c) where T : IReal<T> => Slope(grad * T.Const(0.5), Square(a, b, c));
    public T BackwardB<T>(T grad, T a, T b, T c) where T : IReal<T> => Slope(grad * T.Const(0.5), Square(a, b, c));
    public T BackwardC<T>(T grad, T a, T b, T c) where T : IReal<T> => Slope(-grad, Square(a, b, c));
}

/// <summary>√x, without a derivative at 0: the length of a vector</summary>
internal readonly record struct Length : IUnaryOp
{
    public static string Name => "norm";
    public T Forward<T>(T x) where T : IReal<T> => T.Sqrt(x);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => T.Where(T.Equal(y, T.Zero), T.Zero, grad * T.Const(0.5) / T.Where(T.Equal(y, T.Zero), T.One, y));
}

/// <summary>|a − b|</summary>
internal readonly record struct AbsoluteError : IBinaryOp
{
    public static string Name => "l1_loss";
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Abs(a - b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * T.Map(new Sign(), a - b);
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * T.Map(new Sign(), b - a);
}

/// <summary>d²/2β where d = |a − b| &lt; β, else d − β/2</summary>
internal readonly record struct SmoothL1(Coefficient Beta) : IBinaryOp
{
    readonly Coefficient _square = 0.5 / Beta.Double, _half = 0.5 * Beta.Double, _slope = 1 / Beta.Double;
    readonly Hardtanh _bounded = new(-1, 1);

    public static string Name => "smooth_l1_loss";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T a, T b) where T : IReal<T> =>
        T.Where(T.Less(T.Abs(a - b), T.Const(Beta)), (a - b) * (a - b) * T.Const(_square), T.Abs(a - b) - T.Const(_half));
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * T.Map(_bounded, (a - b) * T.Const(_slope));
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * T.Map(_bounded, (b - a) * T.Const(_slope));
}

/// <summary>d²/2 where d = |a − b| ≤ δ, else δ(d − δ/2)</summary>
internal readonly record struct Huber(Coefficient Delta) : IBinaryOp
{
    readonly Coefficient _half = 0.5 * Delta.Double;
    readonly Hardtanh _bounded = new(-Delta.Double, Delta.Double);

    public static string Name => "huber_loss";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T a, T b) where T : IReal<T> =>
        T.Where(T.LessEqual(T.Abs(a - b), T.Const(Delta)), (a - b) * (a - b) * T.Const(0.5), T.Const(Delta) * (T.Abs(a - b) - T.Const(_half)));
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * T.Map(_bounded, a - b);
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * T.Map(_bounded, b - a);
}

/// <summary>−b ln a − (1 − b) ln(1 − a), logarithms at least −100</summary>
internal readonly record struct BinaryCrossEntropy : IBinaryOp
{
    public static string Name => "binary_cross_entropy";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static T Bound<T>(T log) where T : IReal<T> => T.Max(log, T.Const(-100));
    public T Forward<T>(T a, T b) where T : IReal<T> => (b - T.One) * Bound(T.Log1p(-a)) - b * Bound(T.Log(a));
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * (a - b) / T.Max(a * (T.One - a), T.Const(1e-12));
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * (Bound(T.Log1p(-a)) - Bound(T.Log(a)));
}

/// <summary>−b ln σ(a) − (1 − b) ln σ(−a) = (1 − b) a − ln σ(a)</summary>
internal readonly record struct BinaryCrossEntropyWithLogits : IBinaryOp
{
    public static string Name => "binary_cross_entropy_with_logits";
    public T Forward<T>(T a, T b) where T : IReal<T> => (T.One - b) * a - T.Map(new LogSigmoid(), a);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * (T.Map(new Sigmoid(), a) - b);
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => -grad * a;
}

/// <summary>−c b ln σ(a) − (1 − b) ln σ(−a) = (1 − b) a − (1 + (c − 1) b) ln σ(a)</summary>
internal readonly record struct WeightedBinaryCrossEntropyWithLogits : ITernaryOp
{
    public static string Name => "binary_cross_entropy_with_logits";
    static T Share<T>(T b, T c) where T : IReal<T> => T.One + (c - T.One) * b;
    public T Forward<T>(T a, T b, T c) where T : IReal<T> => (T.One - b) * a - Share(b, c) * T.Map(new LogSigmoid(), a);
    public T BackwardA<T>(T grad, T a, T b, T c) where T : IReal<T> => grad * (T.One - b - Share(b, c) * T.Map(new Sigmoid(), -a));
    public T BackwardB<T>(T grad, T a, T b, T c) where T : IReal<T> => -grad * (a + (c - T.One) * T.Map(new LogSigmoid(), a));
    public T BackwardC<T>(T grad, T a, T b, T c) where T : IReal<T> => -grad * b * T.Map(new LogSigmoid(), a);
}

/// <summary>e^{a − b}: the terms of a logarithm of a sum of exponentials.</summary>
internal readonly record struct ExpDifference : IBinaryOp
{
    public static string Name => "logsumexp";
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Exp(a - b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * T.Exp(a - b);
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => -grad * T.Exp(a - b);
}

/// <summary>b (ln b − a), 0 where b is 0</summary>
internal readonly record struct KlDivergence : IBinaryOp
{
    public static string Name => "kl_div";
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Where(T.Equal(b, T.Zero), T.Zero, b * T.Log(b)) - b * a;
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => -grad * b;
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * (T.Log(b) + T.One - a);
}
