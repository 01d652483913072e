using System.Runtime.CompilerServices;

namespace Flambeau.Ops;

// Derivatives of holomorphic functions: grad · conj(f′(x)); over the reals Conj is the identity.

/// <summary>−x</summary>
internal readonly record struct Neg : IUnaryOp
{
    public static string Name => "neg";
    public static Traits Traits => Traits.Number;
    public T Forward<T>(T x) where T : IReal<T> => Complex(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => ComplexBackward(grad, x, y);
    public T Complex<T>(T x) where T : IField<T> => -x;
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => -grad;
    public T Integer<T>(T x) where T : IInteger<T> => -x;
}

/// <summary>eˣ</summary>
internal readonly record struct Exp : IUnaryOp
{
    public static string Name => "exp";
    public static Traits Traits => Traits.Float | Traits.Complex;
    public T Forward<T>(T x) where T : IReal<T> => Complex(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => ComplexBackward(grad, x, y);
    public T Complex<T>(T x) where T : IField<T> => T.Exp(x);
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => grad * T.Conj(y);
}

/// <summary>eˣ − 1</summary>
internal readonly record struct Expm1 : IUnaryOp
{
    public static string Name => "expm1";
    public T Forward<T>(T x) where T : IReal<T> => T.Expm1(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * (y + T.One);
}

/// <summary>2ˣ</summary>
internal readonly record struct Exp2 : IUnaryOp
{
    public static string Name => "exp2";
    public T Forward<T>(T x) where T : IReal<T> => T.Pow(T.Const(2), x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * y * T.Const(0.69314718055994530942);
}

/// <summary>ln x</summary>
internal readonly record struct Log : IUnaryOp
{
    public static string Name => "log";
    public static Traits Traits => Traits.Float | Traits.Complex;
    public T Forward<T>(T x) where T : IReal<T> => Complex(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => ComplexBackward(grad, x, y);
    public T Complex<T>(T x) where T : IField<T> => T.Log(x);
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => grad / T.Conj(x);
}

/// <summary>log₂ x</summary>
internal readonly record struct Log2 : IUnaryOp
{
    public static string Name => "log2";
    public static Traits Traits => Traits.Float | Traits.Complex;
    public T Forward<T>(T x) where T : IReal<T> => Complex(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => ComplexBackward(grad, x, y);
    public T Complex<T>(T x) where T : IField<T> => T.Log(x) * T.Const(1.4426950408889634074);
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => grad / (T.Conj(x) * T.Const(0.69314718055994530942));
}

/// <summary>log₁₀ x</summary>
internal readonly record struct Log10 : IUnaryOp
{
    public static string Name => "log10";
    public static Traits Traits => Traits.Float | Traits.Complex;
    public T Forward<T>(T x) where T : IReal<T> => Complex(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => ComplexBackward(grad, x, y);
    public T Complex<T>(T x) where T : IField<T> => T.Log(x) * T.Const(0.43429448190325182765);
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => grad / (T.Conj(x) * T.Const(2.3025850929940456840));
}

/// <summary>ln(1 + x)</summary>
internal readonly record struct Log1p : IUnaryOp
{
    public static string Name => "log1p";
    public T Forward<T>(T x) where T : IReal<T> => T.Log1p(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad / (x + T.One);
}

/// <summary>√x</summary>
internal readonly record struct Sqrt : IUnaryOp
{
    public static string Name => "sqrt";
    public static Traits Traits => Traits.Float | Traits.Complex;
    public T Forward<T>(T x) where T : IReal<T> => Complex(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => ComplexBackward(grad, x, y);
    public T Complex<T>(T x) where T : IField<T> => T.Sqrt(x);
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => grad / (T.Const(2) * T.Conj(y));
}

/// <summary>1/√x</summary>
internal readonly record struct Rsqrt : IUnaryOp
{
    public static string Name => "rsqrt";
    public static Traits Traits => Traits.Float | Traits.Complex;
    public T Forward<T>(T x) where T : IReal<T> => Complex(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => ComplexBackward(grad, x, y);
    public T Complex<T>(T x) where T : IField<T> => T.One / T.Sqrt(x);
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => T.Const(-0.5) * grad * T.Conj(y * y * y);
}

/// <summary>1/x</summary>
internal readonly record struct Reciprocal : IUnaryOp
{
    public static string Name => "reciprocal";
    public static Traits Traits => Traits.Float | Traits.Complex;
    public T Forward<T>(T x) where T : IReal<T> => Complex(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => ComplexBackward(grad, x, y);
    public T Complex<T>(T x) where T : IField<T> => T.One / x;
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => -grad * T.Conj(y * y);
}

/// <summary>x²</summary>
internal readonly record struct Square : IUnaryOp
{
    public static string Name => "square";
    public static Traits Traits => Traits.Number;
    public T Forward<T>(T x) where T : IReal<T> => Complex(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => ComplexBackward(grad, x, y);
    public T Complex<T>(T x) where T : IField<T> => x * x;
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => grad * T.Const(2) * T.Conj(x);
    public T Integer<T>(T x) where T : IInteger<T> => x * x;
}

/// <summary>x³</summary>
internal readonly record struct Cube : IUnaryOp
{
    public static string Name => "cube";
    public T Forward<T>(T x) where T : IReal<T> => x * x * x;
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * T.Const(3) * (x * x);
}

/// <summary>sin x</summary>
internal readonly record struct Sin : IUnaryOp
{
    public static string Name => "sin";
    public static Traits Traits => Traits.Float | Traits.Complex;
    public T Forward<T>(T x) where T : IReal<T> => Complex(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => ComplexBackward(grad, x, y);
    public T Complex<T>(T x) where T : IField<T> => T.Sin(x);
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => grad * T.Conj(T.Cos(x));
}

/// <summary>cos x</summary>
internal readonly record struct Cos : IUnaryOp
{
    public static string Name => "cos";
    public static Traits Traits => Traits.Float | Traits.Complex;
    public T Forward<T>(T x) where T : IReal<T> => Complex(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => ComplexBackward(grad, x, y);
    public T Complex<T>(T x) where T : IField<T> => T.Cos(x);
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => -grad * T.Conj(T.Sin(x));
}

/// <summary>tan x</summary>
internal readonly record struct Tan : IUnaryOp
{
    public static string Name => "tan";
    public static Traits Traits => Traits.Float | Traits.Complex;
    public T Forward<T>(T x) where T : IReal<T> => Complex(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => ComplexBackward(grad, x, y);
    public T Complex<T>(T x) where T : IField<T> => T.Tan(x);
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => grad * T.Conj(T.One + y * y);
}

/// <summary>arcsin x</summary>
internal readonly record struct Asin : IUnaryOp
{
    public static string Name => "asin";
    public static Traits Traits => Traits.Float | Traits.Complex;
    public T Forward<T>(T x) where T : IReal<T> => Complex(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => ComplexBackward(grad, x, y);
    public T Complex<T>(T x) where T : IField<T> => T.Asin(x);
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => grad / T.Conj(T.Sqrt(T.One - x * x));
}

/// <summary>arccos x</summary>
internal readonly record struct Acos : IUnaryOp
{
    public static string Name => "acos";
    public static Traits Traits => Traits.Float | Traits.Complex;
    public T Forward<T>(T x) where T : IReal<T> => Complex(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => ComplexBackward(grad, x, y);
    public T Complex<T>(T x) where T : IField<T> => T.Acos(x);
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => -grad / T.Conj(T.Sqrt(T.One - x * x));
}

/// <summary>arctan x</summary>
internal readonly record struct Atan : IUnaryOp
{
    public static string Name => "atan";
    public static Traits Traits => Traits.Float | Traits.Complex;
    public T Forward<T>(T x) where T : IReal<T> => Complex(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => ComplexBackward(grad, x, y);
    public T Complex<T>(T x) where T : IField<T> => T.Atan(x);
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => grad / T.Conj(T.One + x * x);
}

/// <summary>sinh x</summary>
internal readonly record struct Sinh : IUnaryOp
{
    public static string Name => "sinh";
    public static Traits Traits => Traits.Float | Traits.Complex;
    public T Forward<T>(T x) where T : IReal<T> => Complex(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => ComplexBackward(grad, x, y);
    public T Complex<T>(T x) where T : IField<T> => T.Sinh(x);
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => grad * T.Conj(T.Cosh(x));
}

/// <summary>cosh x</summary>
internal readonly record struct Cosh : IUnaryOp
{
    public static string Name => "cosh";
    public static Traits Traits => Traits.Float | Traits.Complex;
    public T Forward<T>(T x) where T : IReal<T> => Complex(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => ComplexBackward(grad, x, y);
    public T Complex<T>(T x) where T : IField<T> => T.Cosh(x);
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => grad * T.Conj(T.Sinh(x));
}

/// <summary>tanh x</summary>
internal readonly record struct Tanh : IUnaryOp
{
    public static string Name => "tanh";
    public static Traits Traits => Traits.Float | Traits.Complex;
    public T Forward<T>(T x) where T : IReal<T> => Complex(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => ComplexBackward(grad, x, y);
    public T Complex<T>(T x) where T : IField<T> => T.Tanh(x);
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => grad * T.Conj(T.One - y * y);
}

/// <summary>σ(x) = 1/(1 + e⁻ˣ)</summary>
internal readonly record struct Sigmoid : IUnaryOp
{
    public static string Name => "sigmoid";
    public static Traits Traits => Traits.Float | Traits.Complex;
    public T Forward<T>(T x) where T : IReal<T> => Complex(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => ComplexBackward(grad, x, y);
    public T Complex<T>(T x) where T : IField<T> => T.One / (T.One + T.Exp(-x));
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => grad * T.Conj(y * (T.One - y));
}

/// <summary>erf x</summary>
internal readonly record struct Erf : IUnaryOp
{
    public static string Name => "erf";
    public T Forward<T>(T x) where T : IReal<T> => T.Erf(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * T.Const(1.1283791670955125739) * T.Exp(-(x * x));
}

/// <summary>1 − erf x</summary>
internal readonly record struct Erfc : IUnaryOp
{
    public static string Name => "erfc";
    public T Forward<T>(T x) where T : IReal<T> => T.Erfc(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * T.Const(-1.1283791670955125739) * T.Exp(-(x * x));
}

/// <summary>ln |Γ(x)|</summary>
internal readonly record struct Lgamma : IUnaryOp
{
    public static string Name => "lgamma";
    public T Forward<T>(T x) where T : IReal<T> => T.Lgamma(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * T.Digamma(x);
}

/// <summary>ψ(x) = Γ′(x)/Γ(x)</summary>
internal readonly record struct Digamma : IUnaryOp
{
    public static string Name => "digamma";
    public T Forward<T>(T x) where T : IReal<T> => T.Digamma(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * T.Map(new Polygamma(1), x);
}

/// <summary>|x|; its derivative at 0 is 0</summary>
internal readonly record struct Abs : IUnaryOp
{
    public static string Name => "abs";
    public static Traits Traits => Traits.Number | Traits.RealResult;
    public T Forward<T>(T x) where T : IReal<T> => T.Abs(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * T.Map(new Sign(), x);
    public T Complex<T>(T x) where T : IField<T> => T.Abs(x);
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => grad * T.Map(new Sign(), x);
    public T Integer<T>(T x) where T : IInteger<T> => T.Abs(x);
}

/// <summary>−1, 0 or 1; of a complex number x/|x|, which PyTorch calls sgn</summary>
internal readonly record struct Sign : IUnaryOp
{
    public static bool IsNotAnalytic => true;

    public static string Name => "sign";
    public static Traits Traits => Traits.All;
    public T Forward<T>(T x) where T : IReal<T> => T.Where(T.Equal(x, T.Zero), T.Zero, T.Where(T.Equal(x, x), T.CopySign(T.One, x), x));
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => T.Zero * grad;
    public T Complex<T>(T x) where T : IField<T> => T.Where(T.Equal(x, T.Zero), T.Zero, x / T.Abs(x));
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => (grad - y * T.Const(0.5) * (T.Conj(grad) * y + grad * T.Conj(y))) / T.Abs(x);
    public T Integer<T>(T x) where T : IInteger<T> => T.Less(T.Const(0), x) - T.Less(x, T.Const(0));
}

/// <summary>The largest integer ≤ x</summary>
internal readonly record struct Floor : IUnaryOp
{
    public static string Name => "floor";
    public static Traits Traits => Traits.Float | Traits.Integer;
    public T Forward<T>(T x) where T : IReal<T> => T.Floor(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => T.Zero * grad;
    public T Integer<T>(T x) where T : IInteger<T> => x;
}

/// <summary>The smallest integer ≥ x</summary>
internal readonly record struct Ceil : IUnaryOp
{
    public static string Name => "ceil";
    public static Traits Traits => Traits.Float | Traits.Integer;
    public T Forward<T>(T x) where T : IReal<T> => T.Ceil(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => T.Zero * grad;
    public T Integer<T>(T x) where T : IInteger<T> => x;
}

/// <summary>The nearest integer, halves to even</summary>
internal readonly record struct Round : IUnaryOp
{
    public static string Name => "round";
    public static Traits Traits => Traits.Float | Traits.Integer;
    public T Forward<T>(T x) where T : IReal<T> => T.Round(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => T.Zero * grad;
    public T Integer<T>(T x) where T : IInteger<T> => x;
}

/// <summary>The integer part</summary>
internal readonly record struct Trunc : IUnaryOp
{
    public static string Name => "trunc";
    public static Traits Traits => Traits.Float | Traits.Integer;
    public T Forward<T>(T x) where T : IReal<T> => T.Trunc(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => T.Zero * grad;
    public T Integer<T>(T x) where T : IInteger<T> => x;
}

/// <summary>x − trunc x</summary>
internal readonly record struct Frac : IUnaryOp
{
    public static string Name => "frac";
    public T Forward<T>(T x) where T : IReal<T> => x - T.Trunc(x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad;
}

/// <summary>The complex conjugate</summary>
internal readonly record struct Conj : IUnaryOp
{
    public static string Name => "conj";
    public static Traits Traits => Traits.All;
    public T Forward<T>(T x) where T : IReal<T> => x;
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad;
    public T Complex<T>(T x) where T : IField<T> => T.Conj(x);
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T> => T.Conj(grad);
    public T Integer<T>(T x) where T : IInteger<T> => x;
}

/// <summary>max(x, 0)</summary>
internal readonly record struct Relu : IUnaryOp
{
    public static string Name => "relu";
    public static Traits Traits => Traits.Float | Traits.Integer;
    public T Forward<T>(T x) where T : IReal<T> => T.Where(T.Less(x, T.Zero), T.Zero, x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => T.Where(T.Less(T.Zero, y), grad, T.Zero);
    public T Integer<T>(T x) where T : IInteger<T> => T.Max(x, T.Const(0));
}

/// <summary>x where x > 0, else slope · x</summary>
internal readonly record struct LeakyRelu(Coefficient NegativeSlope) : IUnaryOp
{
    public static string Name => "leaky_relu";
    public T Forward<T>(T x) where T : IReal<T> => T.Where(T.Less(T.Zero, x), x, x * T.Const(NegativeSlope));
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => T.Where(T.Less(T.Zero, x), grad, grad * T.Const(NegativeSlope));
}

/// <summary>x where x > 0, else α(eˣ − 1); the form of which SELU and CELU are cases</summary>
internal readonly record struct Elu(Coefficient Alpha, Coefficient Scale, Coefficient InputScale) : IUnaryOp
{
    readonly Coefficient _negative = Alpha.Double * Scale.Double, _slope = Alpha.Double * Scale.Double * InputScale.Double;

    public static string Name => "elu";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T x) where T : IReal<T> => T.Where(T.Less(T.Zero, x), x * T.Const(Scale), T.Const(_negative) * T.Expm1(x * T.Const(InputScale)));
    // The exponential of a large x, which is not taken, would be infinite, and its derivative times 0 no number.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => T.Where(T.Less(T.Zero, x), grad * T.Const(Scale), grad * T.Const(_slope) * T.Exp(T.Where(T.Less(T.Zero, x), T.Zero, x) * T.Const(InputScale)));
}

/// <summary>x · σ(x)</summary>
internal readonly record struct Silu : IUnaryOp
{
    public static string Name => "silu";
    public static Traits Traits => Traits.Float | Traits.Complex;
    public T Complex<T>(T x) where T : IField<T> => x / (T.One + T.Exp(-x));
    public T ComplexBackward<T>(T grad, T x, T y) where T : IField<T>
    {
        T s = T.One / (T.One + T.Exp(-x));
        return grad * T.Conj(s * (T.One + x * (T.One - s)));
    }
    public T Forward<T>(T x) where T : IReal<T> => x * T.Map(new Sigmoid(), x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * T.Map(new Sigmoid(), x) * (T.One + x * (T.One - T.Map(new Sigmoid(), x)));
}

/// <summary>x · Φ(x) = x/2 · (1 + erf(x/√2))</summary>
internal readonly record struct Gelu : IUnaryOp
{
    public static string Name => "gelu";
    public T Forward<T>(T x) where T : IReal<T> => x * T.NormalCdf(x);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * (T.NormalCdf(x) + x * T.Const(0.39894228040143267794) * T.Exp(x * x * T.Const(-0.5)));
}

/// <summary>GELU with the tanh approximation: x/2 · (1 + tanh(√(2/π)(x + 0.044715 x³)))</summary>
internal readonly record struct GeluTanh : IUnaryOp
{
    public static string Name => "gelu";

    static T Inner<T>(T x) where T : IReal<T> => T.Const(0.79788456080286535588) * (x + T.Const(0.044715) * x * x * x);

    public T Forward<T>(T x) where T : IReal<T> => x * T.Const(0.5) * (T.One + T.Tanh(Inner(x)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Backward<T>(T grad, T x, T y) where T : IReal<T>
    {
        T t = T.Tanh(Inner(x)), slope = T.Const(0.79788456080286535588) * (T.One + T.Const(3 * 0.044715) * x * x);
        return grad * T.Const(0.5) * (T.One + t + x * (T.One - t * t) * slope);
    }
}

/// <summary>ln(1 + e^{βx})/β, linear where βx > threshold</summary>
internal readonly record struct Softplus(Coefficient Beta, Coefficient Threshold) : IUnaryOp
{
    public static string Name => "softplus";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T x) where T : IReal<T>
    {
        T beta = T.Const(Beta), scaled = x * beta;
        return T.Where(T.Less(T.Const(Threshold), scaled), x, T.Log1p(T.Exp(scaled)) / beta);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => T.Where(T.Less(T.Const(Threshold), x * T.Const(Beta)), grad, grad * T.Map(new Sigmoid(), x * T.Const(Beta)));
}

/// <summary>ln σ(x) = min(x, 0) − ln(1 + e^{−|x|})</summary>
internal readonly record struct LogSigmoid : IUnaryOp
{
    public static string Name => "log_sigmoid";
    public T Forward<T>(T x) where T : IReal<T> => T.Min(x, T.Zero) - T.Log1p(T.Exp(-T.Abs(x)));
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad * T.Map(new Sigmoid(), -x);
}

/// <summary>x · tanh(softplus(x))</summary>
internal readonly record struct Mish : IUnaryOp
{
    public static string Name => "mish";

    // tanh(ln(1 + e)) = n / (n + 2), where e = exp(x) and n = e(e + 2); from x = 20 on it is 1.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T x) where T : IReal<T>
    {
        T e = T.Exp(T.Min(x, T.Const(20))), n = e * (e + T.Const(2));
        return x * (n / (n + T.Const(2)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Backward<T>(T grad, T x, T y) where T : IReal<T>
    {
        T z = T.Min(x, T.Const(20)), e = T.Exp(z), n = e * (e + T.Const(2)), m = n + T.Const(2);
        return grad * (n / m + T.Const(4) * z * e * (e + T.One) / (m * m));
    }
}

/// <summary>min(max(x, low), high), with gradient strictly inside</summary>
internal readonly record struct Hardtanh(Coefficient Low, Coefficient High) : IUnaryOp
{
    readonly Coefficient _low = Math.Min(Low.Double, High.Double);

    public static string Name => "hardtanh";
    public static Traits Traits => Traits.Float | Traits.Integer;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Forward<T>(T x) where T : IReal<T> => Clamp.Within(x, _low, High);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => T.Where(T.And(T.Less(T.Const(Low), x), T.Less(x, T.Const(High))), grad, T.Zero);
    public T Integer<T>(T x) where T : IInteger<T> => T.Min(T.Max(x, T.Const((long)Low.Double)), T.Const((long)High.Double));
}

/// <summary>clip((x + 3)/6, 0, 1)</summary>
internal readonly record struct Hardsigmoid : IUnaryOp
{
    public static string Name => "hardsigmoid";
    public T Forward<T>(T x) where T : IReal<T> => T.Min(T.Max(x + T.Const(3), T.Zero), T.Const(6)) / T.Const(6);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => T.Where(T.And(T.Less(T.Const(-3), x), T.Less(x, T.Const(3))), grad / T.Const(6), T.Zero);
}

/// <summary>x · hardsigmoid(x)</summary>
internal readonly record struct Hardswish : IUnaryOp
{
    public static string Name => "hardswish";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T x) where T : IReal<T> => x * T.Min(T.Max(x + T.Const(3), T.Zero), T.Const(6)) / T.Const(6);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => T.Where(T.Less(x, T.Const(-3)), T.Zero, T.Where(T.LessEqual(x, T.Const(3)), grad * (x / T.Const(3) + T.Const(0.5)), grad));
}

/// <summary>x/(1 + |x|)</summary>
internal readonly record struct Softsign : IUnaryOp
{
    public static string Name => "softsign";
    public T Forward<T>(T x) where T : IReal<T> => x / (T.One + T.Abs(x));
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => grad / ((T.One + T.Abs(x)) * (T.One + T.Abs(x)));
}

/// <summary>min(max(x, low), high); of bounds that are NaN, see <see cref="Nan"/></summary>
internal readonly record struct Clamp(Coefficient Low, Coefficient High) : IUnaryOp
{
    readonly Coefficient _low = Math.Min(Low.Double, High.Double);  // where the bounds cross, the upper one holds
    readonly long _least = Low.Double <= long.MinValue ? long.MinValue : (long)Low.Double, _most = High.Double >= long.MaxValue ? long.MaxValue : (long)High.Double;

    public static string Name => "clamp";
    public static Traits Traits => Traits.Float | Traits.Integer;

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public T Forward<T>(T x) where T : IReal<T> => Within(x, _low, High);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => T.Where(T.And(T.LessEqual(T.Const(Low), x), T.LessEqual(x, T.Const(High))), grad, T.Zero);
    public T Integer<T>(T x) where T : IInteger<T> => T.Min(T.Max(x, T.Const(_least)), T.Const(_most));

    public static bool IsNan(double low, double high) => double.IsNaN(low) || double.IsNaN(high);

    /// <summary>What a bound that is NaN makes of every number, as in PyTorch.</summary>
    public static Threshold Nan => new(double.PositiveInfinity, double.NaN);

    /// <summary>Where low ≤ high. The lanes' Max and Min would ask of each number whether it or the bound is NaN; what is named once is converted once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Within<T>(T x, Coefficient low, Coefficient high) where T : IReal<T>
    {
        T l = T.Const(low), h = T.Const(high);
        return T.Where(T.Less(x, l), l, T.Where(T.Less(h, x), h, x));
    }
}

/// <summary>x where x > threshold, else the value</summary>
internal readonly record struct Threshold(Coefficient Limit, Coefficient Value) : IUnaryOp
{
    public static string Name => "threshold";
    public static Traits Traits => Traits.Float | Traits.Integer;
    public T Forward<T>(T x) where T : IReal<T> => T.Where(T.LessEqual(x, T.Const(Limit)), T.Const(Value), x);
    public T Backward<T>(T grad, T x, T y) where T : IReal<T> => T.Where(T.LessEqual(x, T.Const(Limit)), T.Zero, grad);
    public T Integer<T>(T x) where T : IInteger<T> => T.Where(T.Less(T.Const((long)Math.Floor(Limit.Double)), x), x, T.Const((long)Value.Double));
}

/// <summary>Whether x is not a number</summary>
internal readonly record struct IsNan : IUnaryOp
{
    public static string Name => "isnan";
    public static Traits Traits => Traits.All | Traits.Predicate;
    public T Forward<T>(T x) where T : IReal<T> => T.Not(T.Equal(x, x));
    public T Complex<T>(T x) where T : IField<T> => T.Where(T.Equal(x, x), T.Zero, T.One);
    public T Integer<T>(T x) where T : IInteger<T> => T.Const(0);
}

/// <summary>Whether x is +∞ or −∞</summary>
internal readonly record struct IsInf : IUnaryOp
{
    public static string Name => "isinf";
    public static Traits Traits => Traits.Real | Traits.Predicate;
    public T Forward<T>(T x) where T : IReal<T> => T.Equal(T.Abs(x), T.Const(double.PositiveInfinity));
    public T Integer<T>(T x) where T : IInteger<T> => T.Const(0);
}

/// <summary>Whether x is neither infinite nor NaN</summary>
internal readonly record struct IsFinite : IUnaryOp
{
    public static string Name => "isfinite";
    public static Traits Traits => Traits.Real | Traits.Predicate;
    public T Forward<T>(T x) where T : IReal<T> => T.Less(T.Abs(x), T.Const(double.PositiveInfinity));
    public T Integer<T>(T x) where T : IInteger<T> => T.Const(1);
}

/// <summary>Whether x is 0</summary>
internal readonly record struct LogicalNot : IUnaryOp
{
    public static string Name => "logical_not";
    public static Traits Traits => Traits.All | Traits.Predicate;
    public T Forward<T>(T x) where T : IReal<T> => T.Equal(x, T.Zero);
    public T Complex<T>(T x) where T : IField<T> => T.Equal(x, T.Zero);
    public T Integer<T>(T x) where T : IInteger<T> => T.Equal(x, T.Const(0));
}

/// <summary>~x; of bools, not</summary>
internal readonly record struct BitwiseNot : IUnaryOp
{
    public static string Name => "bitwise_not";
    public static Traits Traits => Traits.Integer | Traits.Bool | Traits.NotDifferentiable;
    public T Forward<T>(T x) where T : IReal<T> => throw new NotSupportedException();
    public T Integer<T>(T x) where T : IInteger<T> => ~x;
}
