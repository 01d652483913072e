using System.Runtime.CompilerServices;

namespace Flambeau.Ops;

/// <summary>a + w · (b − a), from the nearer end</summary>
internal readonly record struct Lerp : ITernaryOp
{
    public static string Name => "lerp";
    public static Traits Traits => Traits.Float | Traits.Complex;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T a, T b, T c) where T : IReal<T> => T.Where(T.Less(T.Abs(c), T.Const(0.5)), a + c * (b - a), b - (b - a) * (T.One - c));
    public T BackwardA<T>(T grad, T a, T b, T c) where T : IReal<T> => ComplexBackwardA(grad, a, b, c);
    public T BackwardB<T>(T grad, T a, T b, T c) where T : IReal<T> => ComplexBackwardB(grad, a, b, c);
    public T BackwardC<T>(T grad, T a, T b, T c) where T : IReal<T> => ComplexBackwardC(grad, a, b, c);
    public T Complex<T>(T a, T b, T c) where T : IField<T> => a + c * (b - a);
    public T ComplexBackwardA<T>(T grad, T a, T b, T c) where T : IField<T> => grad * T.Conj(T.One - c);
    public T ComplexBackwardB<T>(T grad, T a, T b, T c) where T : IField<T> => grad * T.Conj(c);
    public T ComplexBackwardC<T>(T grad, T a, T b, T c) where T : IField<T> => grad * T.Conj(b - a);
}

/// <summary>a + value · b · c</summary>
internal readonly record struct AddCMul(Coefficient Value) : ITernaryOp
{
    public static string Name => "addcmul";
    public static Traits Traits => Traits.Number;
    public T Forward<T>(T a, T b, T c) where T : IReal<T> => Complex(a, b, c);
    public T BackwardA<T>(T grad, T a, T b, T c) where T : IReal<T> => grad;
    public T BackwardB<T>(T grad, T a, T b, T c) where T : IReal<T> => ComplexBackwardB(grad, a, b, c);
    public T BackwardC<T>(T grad, T a, T b, T c) where T : IReal<T> => ComplexBackwardC(grad, a, b, c);
    public T Complex<T>(T a, T b, T c) where T : IField<T> => a + T.Const(Value) * b * c;
    public T ComplexBackwardA<T>(T grad, T a, T b, T c) where T : IField<T> => grad;
    public T ComplexBackwardB<T>(T grad, T a, T b, T c) where T : IField<T> => grad * T.Conj(c * T.Const(Value));
    public T ComplexBackwardC<T>(T grad, T a, T b, T c) where T : IField<T> => grad * T.Conj(b * T.Const(Value));
    public T Integer<T>(T a, T b, T c) where T : IInteger<T> => a + T.Const((long)Value.Double) * b * c;
}

/// <summary>a + value · b / c</summary>
internal readonly record struct AddCDiv(Coefficient Value) : ITernaryOp
{
    public static string Name => "addcdiv";
    public static Traits Traits => Traits.Float | Traits.Complex;
    public T Forward<T>(T a, T b, T c) where T : IReal<T> => Complex(a, b, c);
    public T BackwardA<T>(T grad, T a, T b, T c) where T : IReal<T> => grad;
    public T BackwardB<T>(T grad, T a, T b, T c) where T : IReal<T> => ComplexBackwardB(grad, a, b, c);
    public T BackwardC<T>(T grad, T a, T b, T c) where T : IReal<T> => ComplexBackwardC(grad, a, b, c);
    public T Complex<T>(T a, T b, T c) where T : IField<T> => a + T.Const(Value) * b / c;
    public T ComplexBackwardA<T>(T grad, T a, T b, T c) where T : IField<T> => grad;
    public T ComplexBackwardB<T>(T grad, T a, T b, T c) where T : IField<T> => grad * T.Conj(T.Const(Value) / c);
    public T ComplexBackwardC<T>(T grad, T a, T b, T c) where T : IField<T> => -grad * T.Conj(T.Const(Value) * b / (c * c));
}
