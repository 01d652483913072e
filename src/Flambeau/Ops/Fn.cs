using System.Runtime.CompilerServices;

namespace Flambeau.Ops;

/// <summary>
/// What an elementwise kernel runs: one body of one operation, forward or backward, seen as a function of up to four arguments.
/// Arguments past <see cref="Arity"/> are never looked at.
/// </summary>
internal interface IFn
{
    static abstract int Arity { get; }
    T Real<T>(T a, T b, T c, T d) where T : IReal<T>;
    T Integer<T>(T a, T b, T c, T d) where T : IInteger<T>;
    T Complex<T>(T a, T b, T c, T d) where T : IField<T>;
}

/// <summary>What it is given: of a reduction that maps nothing.</summary>
internal readonly struct Itself : IFn
{
    public static int Arity => 1;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Real<T>(T a, T b, T c, T d) where T : IReal<T> => a;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Integer<T>(T a, T b, T c, T d) where T : IInteger<T> => a;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Complex<T>(T a, T b, T c, T d) where T : IField<T> => a;
}

internal readonly struct Forward1<TOp>(TOp op) : IFn where TOp : struct, IUnaryOp
{
    public static int Arity => 1;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Real<T>(T a, T b, T c, T d) where T : IReal<T> => op.Forward(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Integer<T>(T a, T b, T c, T d) where T : IInteger<T> => op.Integer(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Complex<T>(T a, T b, T c, T d) where T : IField<T> => op.Complex(a);
}

/// <summary>Of (grad, x, y).</summary>
internal readonly struct Backward1<TOp>(TOp op) : IFn where TOp : struct, IUnaryOp
{
    public static int Arity => 3;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Real<T>(T a, T b, T c, T d) where T : IReal<T> => op.Backward(a, b, c);
    public T Integer<T>(T a, T b, T c, T d) where T : IInteger<T> => throw new NotSupportedException();
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Complex<T>(T a, T b, T c, T d) where T : IField<T> => op.ComplexBackward(a, b, c);
}

internal readonly struct Forward2<TOp>(TOp op) : IFn where TOp : struct, IBinaryOp
{
    public static int Arity => 2;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Real<T>(T a, T b, T c, T d) where T : IReal<T> => op.Forward(a, b);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Integer<T>(T a, T b, T c, T d) where T : IInteger<T> => op.Integer(a, b);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Complex<T>(T a, T b, T c, T d) where T : IField<T> => op.Complex(a, b);
}

/// <summary>Of (grad, a, b, y).</summary>
internal readonly struct Backward2A<TOp>(TOp op) : IFn where TOp : struct, IBinaryOp
{
    public static int Arity => 4;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Real<T>(T a, T b, T c, T d) where T : IReal<T> => op.BackwardA(a, b, c, d);
    public T Integer<T>(T a, T b, T c, T d) where T : IInteger<T> => throw new NotSupportedException();
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Complex<T>(T a, T b, T c, T d) where T : IField<T> => op.ComplexBackwardA(a, b, c, d);
}

/// <summary>Of (grad, a, b, y).</summary>
internal readonly struct Backward2B<TOp>(TOp op) : IFn where TOp : struct, IBinaryOp
{
    public static int Arity => 4;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Real<T>(T a, T b, T c, T d) where T : IReal<T> => op.BackwardB(a, b, c, d);
    public T Integer<T>(T a, T b, T c, T d) where T : IInteger<T> => throw new NotSupportedException();
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Complex<T>(T a, T b, T c, T d) where T : IField<T> => op.ComplexBackwardB(a, b, c, d);
}

internal readonly struct Forward3<TOp>(TOp op) : IFn where TOp : struct, ITernaryOp
{
    public static int Arity => 3;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Real<T>(T a, T b, T c, T d) where T : IReal<T> => op.Forward(a, b, c);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Integer<T>(T a, T b, T c, T d) where T : IInteger<T> => op.Integer(a, b, c);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Complex<T>(T a, T b, T c, T d) where T : IField<T> => op.Complex(a, b, c);
}

/// <summary>Of (grad, a, b, c).</summary>
internal readonly struct Backward3A<TOp>(TOp op) : IFn where TOp : struct, ITernaryOp
{
    public static int Arity => 4;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Real<T>(T a, T b, T c, T d) where T : IReal<T> => op.BackwardA(a, b, c, d);
    public T Integer<T>(T a, T b, T c, T d) where T : IInteger<T> => throw new NotSupportedException();
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Complex<T>(T a, T b, T c, T d) where T : IField<T> => op.ComplexBackwardA(a, b, c, d);
}

/// <summary>Of (grad, a, b, c).</summary>
internal readonly struct Backward3B<TOp>(TOp op) : IFn where TOp : struct, ITernaryOp
{
    public static int Arity => 4;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Real<T>(T a, T b, T c, T d) where T : IReal<T> => op.BackwardB(a, b, c, d);
    public T Integer<T>(T a, T b, T c, T d) where T : IInteger<T> => throw new NotSupportedException();
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Complex<T>(T a, T b, T c, T d) where T : IField<T> => op.ComplexBackwardB(a, b, c, d);
}

/// <summary>Of (grad, a, b, c).</summary>
internal readonly struct Backward3C<TOp>(TOp op) : IFn where TOp : struct, ITernaryOp
{
    public static int Arity => 4;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Real<T>(T a, T b, T c, T d) where T : IReal<T> => op.BackwardC(a, b, c, d);
    public T Integer<T>(T a, T b, T c, T d) where T : IInteger<T> => throw new NotSupportedException();
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Complex<T>(T a, T b, T c, T d) where T : IField<T> => op.ComplexBackwardC(a, b, c, d);
}
