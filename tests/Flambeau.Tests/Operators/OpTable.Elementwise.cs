using Flambeau.Ops;
using static Flambeau.Tests.Operators.Arg;

namespace Flambeau.Tests.Operators;

public static partial class OpTable
{
    static Row Map(string name, Func<Tensor, Tensor> f, Domain domain = Domain.Real) =>
        One(name, f, [[new([3, 5], domain)], [new([], domain)], [new([2, 0], domain)], [new([2, 3, 7], domain)]]) with { Elementwise = true };

    static Row Zip(string name, Func<Tensor, Tensor, Tensor> f, Domain first = Domain.Real, Domain second = Domain.Real) =>
        Two(name, f, [[new([3, 5], first), new([3, 5], second)], [new([3, 5], first), new([5], second)], [new([4, 1], first), new([3], second)], [new([], first), new([2, 3], second)]])
            with { Elementwise = true };

    static IEnumerable<Row> Elementwise()
    {
        yield return Map("neg", x => -x) with { DTypes = Numbers };
        yield return Map("exp", x => x.Exp()) with { DTypes = Complexes };
        yield return Map("expm1", x => x.Expm1());
        yield return Map("nan_to_num", x => x.NanToNum(2, 3, -4));
        yield return Map("exp2", x => x.Exp2());
        yield return Map("log", x => x.Log(), Domain.Positive) with { DTypes = Complexes };
        yield return Map("log2", x => x.Log2(), Domain.Positive) with { DTypes = Complexes };
        yield return Map("log10", x => x.Log10(), Domain.Positive) with { DTypes = Complexes };
        yield return Map("log1p", x => x.Log1p(), Domain.Positive);
        yield return Map("sqrt", x => x.Sqrt(), Domain.Positive) with { DTypes = Complexes };
        yield return Map("rsqrt", x => x.Rsqrt(), Domain.Positive) with { DTypes = Complexes };
        yield return Map("reciprocal", x => x.Reciprocal(), Domain.Positive) with { DTypes = Complexes };
        yield return Map("square", x => x.Square()) with { DTypes = Numbers };
        yield return Map("cube", x => x.Map(default(Flambeau.Ops.Cube)));
        yield return Map("sin", x => x.Sin()) with { DTypes = Complexes };
        yield return Map("cos", x => x.Cos()) with { DTypes = Complexes };
        yield return Map("tan", x => x.Tan(), Domain.Unit) with { DTypes = Complexes };
        yield return Map("asin", x => x.Asin(), Domain.Unit) with { DTypes = Complexes };
        yield return Map("acos", x => x.Acos(), Domain.Unit) with { DTypes = Complexes };
        yield return Map("atan", x => x.Atan(), Domain.Unit) with { DTypes = Complexes };
        yield return Map("sinh", x => x.Sinh()) with { DTypes = Complexes };
        yield return Map("cosh", x => x.Cosh()) with { DTypes = Complexes };
        yield return Map("tanh", x => x.Tanh()) with { DTypes = Complexes };
        yield return Map("asinh", x => x.Asinh()) with { DTypes = Complexes };
        yield return Map("acosh", x => (x + 1).Acosh(), Domain.Positive) with { DTypes = Complexes };
        yield return Map("atanh", x => x.Atanh(), Domain.Unit) with { DTypes = Complexes };
        yield return Map("sigmoid", x => x.Sigmoid()) with { DTypes = Complexes };
        yield return Map("erf", x => x.Erf());
        yield return Map("erfc", x => x.Erfc());
        yield return Map("lgamma", x => x.Lgamma(), Domain.Positive) with { Tolerance = 1e-5, Tolerance64 = 1e-11 };
        yield return Map("digamma", x => x.Digamma(), Domain.Positive) with { Tolerance = 1e-5, Tolerance64 = 1e-11 };
        yield return Map("polygamma 1", x => x.Polygamma(1), Domain.Positive) with { Tolerance = 1e-5, Tolerance64 = 1e-11 };
        yield return Map("polygamma 3", x => x.Polygamma(3), Domain.Positive) with { Tolerance = 1e-5, Tolerance64 = 1e-11 };
        yield return Map("abs", x => x.Abs()) with { DTypes = Numbers };
        yield return Map("sign", x => x.Sign()) with { DTypes = Everything };
        yield return Map("floor", x => x.Floor()) with { DTypes = Integers };
        yield return Map("ceil", x => x.Ceil()) with { DTypes = Integers };
        yield return Map("round", x => x.Round()) with { DTypes = Integers };
        yield return Map("trunc", x => x.Trunc()) with { DTypes = Integers };
        yield return Map("frac", x => x.Frac());
        yield return Map("conj", x => x.Map(new Conj())) with { DTypes = Everything };
        yield return Map("relu", x => x.Relu()) with { DTypes = Integers };
        yield return Map("leaky_relu", x => x.Map(new LeakyRelu(0.1)));
        yield return Map("elu", x => x.Map(new Elu(1.2, 1.1, 0.9)));
        yield return Map("silu", x => x.Map(new Silu())) with { DTypes = Complexes };
        yield return Map("gelu", x => x.Map(new Gelu()));
        yield return Map("gelu_tanh", x => x.Map(new GeluTanh()));
        yield return Map("softplus", x => x.Map(new Softplus(1.5, 1.2)));
        yield return Map("log_sigmoid", x => x.Map(new LogSigmoid()));
        yield return Map("mish", x => x.Map(new Mish()));
        yield return Map("hardtanh", x => x.Map(new Hardtanh(-1, 1.5))) with { DTypes = [DType.Int32] };
        yield return Map("hardsigmoid", x => x.Map(new Hardsigmoid()));
        yield return Map("hardswish", x => x.Map(new Hardswish()));
        yield return Map("softsign", x => x.Map(new Softsign()));
        yield return Map("clamp", x => x.Clamp(-1, 1.5)) with { DTypes = [DType.Int8, DType.Int64] };
        yield return Map("threshold", x => x.Map(new Threshold(0.3, -7)));
        yield return Map("isnan", x => x.IsNan()) with { DTypes = Everything, Differentiable = false };
        yield return Map("isinf", x => x.IsInf()) with { DTypes = Reals, Differentiable = false };
        yield return Map("isfinite", x => x.IsFinite()) with { DTypes = Reals, Differentiable = false };
        yield return Map("isposinf", x => x.IsPosInf()) with { DTypes = Reals, Differentiable = false };
        yield return Map("isneginf", x => x.IsNegInf()) with { DTypes = Reals, Differentiable = false };
        yield return Map("signbit", x => x.SignBit()) with { DTypes = Reals, Differentiable = false };
        yield return Map("no slope", x => x.Map(new NoSlope()));
        yield return Map("angle", x => x.Angle()) with { DTypes = Complexes };
        yield return Map("logical_not", x => x.LogicalNot()) with { DTypes = Everything, Differentiable = false };
        yield return Map("bitwise_not", x => x.Gt(0).BitwiseNot()) with { Differentiable = false };

        yield return Zip("add", (a, b) => a + b) with { DTypes = Everything };
        yield return Zip("add alpha", (a, b) => a.Add(b, 2)) with { DTypes = Numbers };
        yield return Zip("sub", (a, b) => a - b) with { DTypes = Numbers };
        yield return Zip("mul", (a, b) => a * b) with { DTypes = Everything };
        yield return Zip("div", (a, b) => a / b, second: Domain.Positive) with { DTypes = Complexes };
        yield return Zip("floor_divide", (a, b) => a.FloorDivide(b), second: Domain.Positive) with { DTypes = Integers };
        yield return Zip("div trunc", (a, b) => a.Div(b, "trunc"), second: Domain.Positive) with { DTypes = Integers };
        yield return Zip("remainder", (a, b) => a % b, second: Domain.Positive) with { DTypes = Integers };
        yield return Zip("fmod", (a, b) => a.Fmod(b), second: Domain.Positive) with { DTypes = Integers };
        yield return Zip("pow", (a, b) => a.Pow(b), Domain.Positive) with { DTypes = Complexes };
        yield return Zip("maximum", (a, b) => a.Maximum(b)) with { DTypes = Reals };
        yield return Zip("minimum", (a, b) => a.Minimum(b)) with { DTypes = Reals };
        yield return Zip("clamp_min", (a, b) => a.ClampMin(b)) with { DTypes = Reals };
        yield return Zip("clamp_max", (a, b) => a.ClampMax(b)) with { DTypes = Reals };
        yield return Zip("fmax", (a, b) => a.Fmax(b)) with { DTypes = Reals };
        yield return Zip("fmin", (a, b) => a.Fmin(b)) with { DTypes = Reals };
        yield return Zip("heaviside", (a, b) => a.Heaviside(b)) with { DTypes = Reals, Differentiable = false };
        yield return Zip("gcd", (a, b) => a.To(DType.Int32).Gcd(b.To(DType.Int32))) with { Differentiable = false };
        yield return Zip("lcm", (a, b) => a.To(DType.Int32).Lcm(b.To(DType.Int32))) with { Differentiable = false };
        yield return Zip("atan2", (a, b) => a.Atan2(b));
        yield return Zip("copysign", (a, b) => a.CopySign(b));
        yield return Zip("eq", (a, b) => a.Eq(b)) with { DTypes = Everything, Differentiable = false };
        yield return Zip("ne", (a, b) => a.Ne(b)) with { DTypes = Everything, Differentiable = false };
        yield return Zip("lt", (a, b) => a < b) with { DTypes = Reals, Differentiable = false };
        yield return Zip("le", (a, b) => a <= b) with { DTypes = Reals, Differentiable = false };
        yield return Zip("gt", (a, b) => a > b) with { DTypes = Reals, Differentiable = false };
        yield return Zip("ge", (a, b) => a >= b) with { DTypes = Reals, Differentiable = false };
        yield return Zip("logical_and", (a, b) => a.LogicalAnd(b)) with { DTypes = Everything, Differentiable = false };
        yield return Zip("logical_or", (a, b) => a.LogicalOr(b)) with { DTypes = Everything, Differentiable = false };
        yield return Zip("logical_xor", (a, b) => a.LogicalXor(b)) with { DTypes = Everything, Differentiable = false };
        yield return Zip("bitwise_and", (a, b) => a.To(DType.Int32) & b.To(DType.Int32)) with { Differentiable = false };
        yield return Zip("bitwise_or", (a, b) => a.To(DType.Int32) | b.To(DType.Int32)) with { Differentiable = false };
        yield return Zip("bitwise_xor", (a, b) => a.To(DType.Int32) ^ b.To(DType.Int32)) with { Differentiable = false };
        yield return Zip("bitwise_left_shift", (a, b) => a.To(DType.Int32).BitwiseLeftShift(b.To(DType.Int32)), second: Domain.Positive) with { Differentiable = false };
        yield return Zip("bitwise_right_shift", (a, b) => a.To(DType.Int32).BitwiseRightShift(b.To(DType.Int32)), second: Domain.Positive) with { Differentiable = false };

        yield return new Row("lerp", x => [x[0].Lerp(x[1], x[2])], [[Real(3, 5), Real(5), Unit(3, 1)]]) { DTypes = Complexes };
        yield return new Row("clamp tensors", x => [x[0].Clamp(x[1] - 1, x[2])], [[Real(3, 5), Unit(5), Positive(3, 1)]]) { DTypes = [DType.Int32, DType.Int64] };
        yield return new Row("addcmul", x => [x[0].AddCMul(x[1], x[2], 2)], [[Real(3, 5), Real(5), Real(3, 1)]]) { DTypes = Numbers };
        yield return new Row("addcdiv", x => [x[0].AddCDiv(x[1], x[2], 0.5)], [[Real(3, 5), Real(5), Positive(3, 1)]]) { DTypes = Complexes };
        yield return new Row("where", x => [Tensor.Where(x[0], x[1], x[2])], [[Mask(3, 5), Real(5), Real(3, 1)], [Mask(4), Real(4), Real()]]) { DTypes = Everything };
    }
}
