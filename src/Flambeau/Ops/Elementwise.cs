namespace Flambeau.Ops;

/// <summary>On which types an elementwise operation works, and what it answers.</summary>
[Flags]
public enum Traits
{
    /// <summary>Floating point; integers are converted to the default type first.</summary>
    Float = 1,
    /// <summary>Integers stay integers: the operation has an <c>Integer</c> body.</summary>
    Integer = 2,
    /// <summary>Bools stay bools, as integers of one bit.</summary>
    Bool = 4,
    /// <summary>Complex numbers: the operation has a <c>Complex</c> body.</summary>
    Complex = 8,
    /// <summary>The result is a mask: bool.</summary>
    Predicate = 16,
    /// <summary>There is no derivative: results do not require grad.</summary>
    NotDifferentiable = 32,
    /// <summary>Of complex numbers the result is real.</summary>
    RealResult = 64,
    /// <summary>Every floating-point type is computed in float64 and rounded once: special functions, whose bodies would lose digits in float32.</summary>
    InDouble = 128,
    /// <summary>Floats, integers and bools.</summary>
    Real = Float | Integer | Bool,
    /// <summary>Every number, no bools.</summary>
    Number = Float | Integer | Complex,
    /// <summary>Every type.</summary>
    All = Number | Bool,
}

/// <summary>
/// An elementwise operation of one argument, written once over the algebra. An operation with parameters is a
/// <c>readonly record struct</c> with fields (<c>LeakyRelu(Coefficient NegativeSlope)</c>), so that equality is the compiler's key.
/// </summary>
public interface IUnaryOp
{
    /// <summary>PyTorch's name of the operation.</summary>
    static abstract string Name { get; }

    /// <summary>On which types it works.</summary>
    static virtual Traits Traits => Traits.Float;

    /// <summary>
    /// Whether f of complex numbers is complex and yet no analytic function, so that its derivative is no multiplication by one complex number.
    /// </summary>
    static virtual bool IsNotAnalytic => false;

    /// <summary>y = f(x)</summary>
    T Forward<T>(T x) where T : IReal<T>;

    /// <summary>The gradient of x, from that of y, x and y. What it does not use is not saved.</summary>
    T Backward<T>(T grad, T x, T y) where T : IReal<T> => throw new NotSupportedException();

    /// <summary>y = f(x) on integers.</summary>
    T Integer<T>(T x) where T : IInteger<T> => throw new NotSupportedException();

    /// <summary>y = f(x) on complex numbers.</summary>
    T Complex<T>(T x) where T : IField<T> => throw new NotSupportedException();

    /// <summary>As <see cref="Backward"/> on complex numbers: for a holomorphic f, grad · conj(f′(x)).</summary>
    T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => throw new NotSupportedException();
}

/// <summary>An elementwise operation of two arguments, which broadcast against each other.</summary>
public interface IBinaryOp
{
    /// <inheritdoc cref="IUnaryOp.Name"/>
    static abstract string Name { get; }

    /// <inheritdoc cref="IUnaryOp.Traits"/>
    static virtual Traits Traits => Traits.Float;

    /// <summary>y = f(a, b)</summary>
    T Forward<T>(T a, T b) where T : IReal<T>;

    /// <summary>The gradient of a.</summary>
    T BackwardA<T>(T grad, T a, T b, T y) where T : IReal<T> => throw new NotSupportedException();

    /// <summary>The gradient of b.</summary>
    T BackwardB<T>(T grad, T a, T b, T y) where T : IReal<T> => throw new NotSupportedException();

    /// <summary>y = f(a, b) on integers.</summary>
    T Integer<T>(T a, T b) where T : IInteger<T> => throw new NotSupportedException();

    /// <summary>y = f(a, b) on complex numbers.</summary>
    T Complex<T>(T a, T b) where T : IField<T> => throw new NotSupportedException();

    /// <summary>The gradient of a complex a.</summary>
    T ComplexBackwardA<T>(T grad, T a, T b, T y) where T : IField<T> => throw new NotSupportedException();

    /// <summary>The gradient of a complex b.</summary>
    T ComplexBackwardB<T>(T grad, T a, T b, T y) where T : IField<T> => throw new NotSupportedException();
}

/// <summary>An elementwise operation of three arguments, which broadcast against each other.</summary>
public interface ITernaryOp
{
    /// <inheritdoc cref="IUnaryOp.Name"/>
    static abstract string Name { get; }

    /// <inheritdoc cref="IUnaryOp.Traits"/>
    static virtual Traits Traits => Traits.Float;

    /// <summary>y = f(a, b, c)</summary>
    T Forward<T>(T a, T b, T c) where T : IReal<T>;

    /// <summary>The gradient of a.</summary>
    T BackwardA<T>(T grad, T a, T b, T c) where T : IReal<T> => throw new NotSupportedException();

    /// <summary>The gradient of b.</summary>
    T BackwardB<T>(T grad, T a, T b, T c) where T : IReal<T> => throw new NotSupportedException();

    /// <summary>The gradient of c.</summary>
    T BackwardC<T>(T grad, T a, T b, T c) where T : IReal<T> => throw new NotSupportedException();

    /// <summary>y = f(a, b, c) on integers.</summary>
    T Integer<T>(T a, T b, T c) where T : IInteger<T> => throw new NotSupportedException();

    /// <summary>y = f(a, b, c) on complex numbers.</summary>
    T Complex<T>(T a, T b, T c) where T : IField<T> => throw new NotSupportedException();

    /// <summary>The gradient of a complex a.</summary>
    T ComplexBackwardA<T>(T grad, T a, T b, T c) where T : IField<T> => throw new NotSupportedException();

    /// <summary>The gradient of a complex b.</summary>
    T ComplexBackwardB<T>(T grad, T a, T b, T c) where T : IField<T> => throw new NotSupportedException();

    /// <summary>The gradient of a complex c.</summary>
    T ComplexBackwardC<T>(T grad, T a, T b, T c) where T : IField<T> => throw new NotSupportedException();
}
