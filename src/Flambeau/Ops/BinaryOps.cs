using System.Runtime.CompilerServices;

namespace Flambeau.Ops;

/// <summary>a + b; of bools, or</summary>
internal readonly record struct Add : IBinaryOp
{
    public static string Name => "add";
    public static Traits Traits => Traits.All;
    public T Forward<T>(T a, T b) where T : IReal<T> => Complex(a, b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => ComplexBackwardA(grad, a, b, y);
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => ComplexBackwardB(grad, a, b, y);
    public T Complex<T>(T a, T b) where T : IField<T> => a + b;
    public T ComplexBackwardA<T>(T grad, T a, T b, T y) where T : IField<T> => grad;
    public T ComplexBackwardB<T>(T grad, T a, T b, T y) where T : IField<T> => grad;
    public T Integer<T>(T a, T b) where T : IInteger<T> => a + b;
}

/// <summary>a + α·b</summary>
internal readonly record struct AddScaled(Coefficient Alpha) : IBinaryOp
{
    public static string Name => "add";
    public static Traits Traits => Traits.All;
    public T Forward<T>(T a, T b) where T : IReal<T> => Complex(a, b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => ComplexBackwardA(grad, a, b, y);
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => ComplexBackwardB(grad, a, b, y);
    public T Complex<T>(T a, T b) where T : IField<T> => a + b * T.Const(Alpha);
    public T ComplexBackwardA<T>(T grad, T a, T b, T y) where T : IField<T> => grad;
    public T ComplexBackwardB<T>(T grad, T a, T b, T y) where T : IField<T> => grad * T.Const(Alpha);
    public T Integer<T>(T a, T b) where T : IInteger<T> => a + b * T.Const((long)Alpha.Double);
}

/// <summary>a − b</summary>
internal readonly record struct Sub : IBinaryOp
{
    public static string Name => "sub";
    public static Traits Traits => Traits.Number;
    public T Forward<T>(T a, T b) where T : IReal<T> => Complex(a, b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => ComplexBackwardA(grad, a, b, y);
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => ComplexBackwardB(grad, a, b, y);
    public T Complex<T>(T a, T b) where T : IField<T> => a - b;
    public T ComplexBackwardA<T>(T grad, T a, T b, T y) where T : IField<T> => grad;
    public T ComplexBackwardB<T>(T grad, T a, T b, T y) where T : IField<T> => -grad;
    public T Integer<T>(T a, T b) where T : IInteger<T> => a - b;
}

/// <summary>a · b; of bools, and</summary>
internal readonly record struct Mul : IBinaryOp
{
    public static string Name => "mul";
    public static Traits Traits => Traits.All;
    public T Forward<T>(T a, T b) where T : IReal<T> => Complex(a, b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => ComplexBackwardA(grad, a, b, y);
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => ComplexBackwardB(grad, a, b, y);
    public T Complex<T>(T a, T b) where T : IField<T> => a * b;
    public T ComplexBackwardA<T>(T grad, T a, T b, T y) where T : IField<T> => grad * T.Conj(b);
    public T ComplexBackwardB<T>(T grad, T a, T b, T y) where T : IField<T> => grad * T.Conj(a);
    public T Integer<T>(T a, T b) where T : IInteger<T> => a * b;
}

/// <summary>a / b, of integers too in floating point</summary>
internal readonly record struct Div : IBinaryOp
{
    public static string Name => "div";
    public static Traits Traits => Traits.Float | Traits.Complex;
    public T Forward<T>(T a, T b) where T : IReal<T> => Complex(a, b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => ComplexBackwardA(grad, a, b, y);
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => ComplexBackwardB(grad, a, b, y);
    public T Complex<T>(T a, T b) where T : IField<T> => a / b;
    public T ComplexBackwardA<T>(T grad, T a, T b, T y) where T : IField<T> => grad / T.Conj(b);
    public T ComplexBackwardB<T>(T grad, T a, T b, T y) where T : IField<T> => -grad * T.Conj(a / b / b);     // not y: what divides in place may be changed again
}

/// <summary>⌊a / b⌋</summary>
internal readonly record struct FloorDivide : IBinaryOp
{
    public static string Name => "floor_divide";
    public static Traits Traits => Traits.Float | Traits.Integer;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T a, T b) where T : IReal<T>
    {
        // (a − r)/b is a whole number but for rounding; r with the other sign than b belongs to the next lower one.
        T r = T.Fmod(a, b), q = T.Round((a - r) / b);
        T other = T.Or(T.And(T.Less(r, T.Zero), T.Less(T.Zero, b)), T.And(T.Less(T.Zero, r), T.Less(b, T.Zero)));
        return T.Where(T.Equal(b, T.Zero), a / b, T.Where(other, q - T.One, T.Where(T.Equal(q, T.Zero), T.CopySign(T.Zero, a / b), q)));
    }

    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Zero * grad;
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Zero * grad;
    public T Integer<T>(T a, T b) where T : IInteger<T> => T.FloorDivide(a, b);
}

/// <summary>a / b toward zero</summary>
internal readonly record struct TruncDivide : IBinaryOp
{
    public static string Name => "div";
    public static Traits Traits => Traits.Float | Traits.Integer;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Trunc(a / b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Zero * grad;
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Zero * grad;
    public T Integer<T>(T a, T b) where T : IInteger<T> => T.Divide(a, b);
}

/// <summary>a − ⌊a/b⌋·b: the remainder with b's sign</summary>
internal readonly record struct Remainder : IBinaryOp
{
    public static string Name => "remainder";
    public static Traits Traits => Traits.Float | Traits.Integer;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T a, T b) where T : IReal<T>
    {
        T m = T.Fmod(a, b);                                                    // exact, where a − ⌊a/b⌋·b is not
        T other = T.Or(T.And(T.Less(m, T.Zero), T.Less(T.Zero, b)), T.And(T.Less(T.Zero, m), T.Less(b, T.Zero)));
        return T.Where(other, m + b, m);
    }

    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => grad;
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => -grad * T.Floor(a / b);
    public T Integer<T>(T a, T b) where T : IInteger<T> => T.Remainder(a, b);
}

/// <summary>a − trunc(a/b)·b: the remainder with a's sign</summary>
internal readonly record struct Fmod : IBinaryOp
{
    public static string Name => "fmod";
    public static Traits Traits => Traits.Float | Traits.Integer;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Fmod(a, b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => grad;
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => -grad * T.Trunc(a / b);
    public T Integer<T>(T a, T b) where T : IInteger<T> => a - T.Divide(a, b) * b;
}

/// <summary>aᵇ; where a is 0, the gradient of b is 0, and where b is 0, that of a</summary>
internal readonly record struct Pow : IBinaryOp
{
    public static string Name => "pow";
    public static Traits Traits => Traits.All;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Pow(a, b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => ComplexBackwardA(grad, a, b, y);
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Where(T.And(T.Equal(a, T.Zero), T.LessEqual(T.Zero, b)), T.Zero, grad * y * T.Log(a));
    public T Complex<T>(T a, T b) where T : IField<T> => T.Pow(a, b);
    public T ComplexBackwardA<T>(T grad, T a, T b, T y) where T : IField<T> => T.Where(T.Equal(b, T.Zero), T.Zero, grad * T.Conj(b * T.Pow(a, b - T.One)));
    public T ComplexBackwardB<T>(T grad, T a, T b, T y) where T : IField<T> => T.Where(T.Equal(a, T.Zero), T.Zero, grad * T.Conj(y * T.Log(a)));
    public T Integer<T>(T a, T b) where T : IInteger<T> => T.Pow(a, b);
}

/// <summary>The larger; NaN if either is. Equals share the gradient</summary>
internal readonly record struct Maximum : IBinaryOp
{
    public static string Name => "maximum";
    public static Traits Traits => Traits.Real;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Max(a, b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Where(T.Equal(a, b), grad * T.Const(0.5), T.Where(T.Less(b, a), grad, T.Zero));
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Where(T.Equal(a, b), grad * T.Const(0.5), T.Where(T.Less(a, b), grad, T.Zero));
    public T Integer<T>(T a, T b) where T : IInteger<T> => T.Max(a, b);
}

/// <summary>The smaller; NaN if either is. Equals share the gradient</summary>
internal readonly record struct Minimum : IBinaryOp
{
    public static string Name => "minimum";
    public static Traits Traits => Traits.Real;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Min(a, b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Where(T.Equal(a, b), grad * T.Const(0.5), T.Where(T.Less(a, b), grad, T.Zero));
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Where(T.Equal(a, b), grad * T.Const(0.5), T.Where(T.Less(b, a), grad, T.Zero));
    public T Integer<T>(T a, T b) where T : IInteger<T> => T.Min(a, b);
}

/// <summary>The angle of (b, a)</summary>
internal readonly record struct Atan2 : IBinaryOp
{
    public static string Name => "atan2";
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Atan2(a, b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => grad * b / (a * a + b * b);
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => -grad * a / (a * a + b * b);
}

/// <summary>|a| with the sign of b</summary>
internal readonly record struct CopySign : IBinaryOp
{
    public static string Name => "copysign";
    public T Forward<T>(T a, T b) where T : IReal<T> => T.CopySign(a, b);
    public T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Where(T.Equal(a, T.Zero), T.Zero, grad * T.CopySign(T.One, a) * T.CopySign(T.One, b));
    public T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => T.Zero * grad;
}

/// <summary>a = b</summary>
internal readonly record struct Eq : IBinaryOp
{
    public static string Name => "eq";
    public static Traits Traits => Traits.All | Traits.Predicate;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Equal(a, b);
    public T Complex<T>(T a, T b) where T : IField<T> => T.Equal(a, b);
    public T Integer<T>(T a, T b) where T : IInteger<T> => T.Equal(a, b);
}

/// <summary>a ≠ b</summary>
internal readonly record struct Ne : IBinaryOp
{
    public static string Name => "ne";
    public static Traits Traits => Traits.All | Traits.Predicate;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Not(T.Equal(a, b));
    public T Complex<T>(T a, T b) where T : IField<T> => T.One - T.Equal(a, b);
    public T Integer<T>(T a, T b) where T : IInteger<T> => T.Const(1) - T.Equal(a, b);
}

/// <summary>a &lt; b</summary>
internal readonly record struct Lt : IBinaryOp
{
    public static string Name => "lt";
    public static Traits Traits => Traits.Real | Traits.Predicate;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Less(a, b);
    public T Integer<T>(T a, T b) where T : IInteger<T> => T.Less(a, b);
}

/// <summary>a ≤ b</summary>
internal readonly record struct Le : IBinaryOp
{
    public static string Name => "le";
    public static Traits Traits => Traits.Real | Traits.Predicate;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.LessEqual(a, b);
    public T Integer<T>(T a, T b) where T : IInteger<T> => T.Const(1) - T.Less(b, a);
}

/// <summary>a > b</summary>
internal readonly record struct Gt : IBinaryOp
{
    public static string Name => "gt";
    public static Traits Traits => Traits.Real | Traits.Predicate;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Less(b, a);
    public T Integer<T>(T a, T b) where T : IInteger<T> => T.Less(b, a);
}

/// <summary>a ≥ b</summary>
internal readonly record struct Ge : IBinaryOp
{
    public static string Name => "ge";
    public static Traits Traits => Traits.Real | Traits.Predicate;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.LessEqual(b, a);
    public T Integer<T>(T a, T b) where T : IInteger<T> => T.Const(1) - T.Less(a, b);
}

/// <summary>Both are not 0</summary>
internal readonly record struct LogicalAnd : IBinaryOp
{
    public static string Name => "logical_and";
    public static Traits Traits => Traits.All | Traits.Predicate;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.And(T.Not(T.Equal(a, T.Zero)), T.Not(T.Equal(b, T.Zero)));
    public T Complex<T>(T a, T b) where T : IField<T> => (T.One - T.Equal(a, T.Zero)) * (T.One - T.Equal(b, T.Zero));
    public T Integer<T>(T a, T b) where T : IInteger<T> => (T.Const(1) - T.Equal(a, T.Const(0))) & (T.Const(1) - T.Equal(b, T.Const(0)));
}

/// <summary>Either is not 0</summary>
internal readonly record struct LogicalOr : IBinaryOp
{
    public static string Name => "logical_or";
    public static Traits Traits => Traits.All | Traits.Predicate;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Or(T.Not(T.Equal(a, T.Zero)), T.Not(T.Equal(b, T.Zero)));
    public T Complex<T>(T a, T b) where T : IField<T> => (T.One - T.Equal(a, T.Zero)) + (T.One - T.Equal(b, T.Zero));
    public T Integer<T>(T a, T b) where T : IInteger<T> => (T.Const(1) - T.Equal(a, T.Const(0))) | (T.Const(1) - T.Equal(b, T.Const(0)));
}

/// <summary>Exactly one is not 0</summary>
internal readonly record struct LogicalXor : IBinaryOp
{
    public static string Name => "logical_xor";
    public static Traits Traits => Traits.All | Traits.Predicate;
    public T Forward<T>(T a, T b) where T : IReal<T> => T.Or(T.And(T.Equal(a, T.Zero), T.Not(T.Equal(b, T.Zero))), T.And(T.Not(T.Equal(a, T.Zero)), T.Equal(b, T.Zero)));
    public T Complex<T>(T a, T b) where T : IField<T> => (T.One - T.Equal(a, T.Zero)) + (T.One - T.Equal(b, T.Zero)) - T.Const(2) * (T.One - T.Equal(a, T.Zero)) * (T.One - T.Equal(b, T.Zero));
    public T Integer<T>(T a, T b) where T : IInteger<T> => (T.Const(1) - T.Equal(a, T.Const(0))) ^ (T.Const(1) - T.Equal(b, T.Const(0)));
}

/// <summary>a and b, bit by bit</summary>
internal readonly record struct BitwiseAnd : IBinaryOp
{
    public static string Name => "bitwise_and";
    public static Traits Traits => Traits.Integer | Traits.Bool | Traits.NotDifferentiable;
    public T Forward<T>(T a, T b) where T : IReal<T> => throw new NotSupportedException();
    public T Integer<T>(T a, T b) where T : IInteger<T> => a & b;
}

/// <summary>a or b, bit by bit</summary>
internal readonly record struct BitwiseOr : IBinaryOp
{
    public static string Name => "bitwise_or";
    public static Traits Traits => Traits.Integer | Traits.Bool | Traits.NotDifferentiable;
    public T Forward<T>(T a, T b) where T : IReal<T> => throw new NotSupportedException();
    public T Integer<T>(T a, T b) where T : IInteger<T> => a | b;
}

/// <summary>a exclusive-or b, bit by bit</summary>
internal readonly record struct BitwiseXor : IBinaryOp
{
    public static string Name => "bitwise_xor";
    public static Traits Traits => Traits.Integer | Traits.Bool | Traits.NotDifferentiable;
    public T Forward<T>(T a, T b) where T : IReal<T> => throw new NotSupportedException();
    public T Integer<T>(T a, T b) where T : IInteger<T> => a ^ b;
}

/// <summary>a · 2ᵇ</summary>
internal readonly record struct ShiftLeft : IBinaryOp
{
    public static string Name => "bitwise_left_shift";
    public static Traits Traits => Traits.Integer | Traits.NotDifferentiable;
    public T Forward<T>(T a, T b) where T : IReal<T> => throw new NotSupportedException();
    public T Integer<T>(T a, T b) where T : IInteger<T> => T.ShiftLeft(a, b);
}

/// <summary>a / 2ᵇ toward −∞</summary>
internal readonly record struct ShiftRight : IBinaryOp
{
    public static string Name => "bitwise_right_shift";
    public static Traits Traits => Traits.Integer | Traits.NotDifferentiable;
    public T Forward<T>(T a, T b) where T : IReal<T> => throw new NotSupportedException();
    public T Integer<T>(T a, T b) where T : IInteger<T> => T.ShiftRight(a, b);
}
