using System.Globalization;
using Xunit;

namespace Flambeau.Tests;

public class SpecialTests
{
    static readonly Dictionary<string, Func<Tensor, Tensor, Tensor>> Functions = new()
    {
        ["erfcx"] = (x, _) => Special.Erfcx(x),
        ["ndtr"] = (x, _) => Special.Ndtr(x),
        ["log_ndtr"] = (x, _) => Special.LogNdtr(x),
        ["ndtri"] = (x, _) => Special.Ndtri(x),
        ["erfinv"] = (x, _) => Special.Erfinv(x),
        ["i0"] = (x, _) => Special.I0(x),
        ["i0e"] = (x, _) => Special.I0e(x),
        ["i1"] = (x, _) => Special.I1(x),
        ["i1e"] = (x, _) => Special.I1e(x),
        ["zeta"] = Special.Zeta,
        ["polygamma 1"] = (x, _) => Special.Polygamma(x, 1),
        ["polygamma 2"] = (x, _) => Special.Polygamma(x, 2),
        ["polygamma 3"] = (x, _) => Special.Polygamma(x, 3),
        ["polygamma 6"] = (x, _) => Special.Polygamma(x, 6),
        ["igamma"] = Special.Gammainc,
        ["igammac"] = Special.Gammaincc,
        ["airy_ai"] = (x, _) => Special.AiryAi(x),
        ["bessel_j0"] = (x, _) => Special.BesselJ0(x),
        ["bessel_j1"] = (x, _) => Special.BesselJ1(x),
        ["bessel_y0"] = (x, _) => Special.BesselY0(x),
        ["bessel_y1"] = (x, _) => Special.BesselY1(x),
        ["modified_bessel_k0"] = (x, _) => Special.ModifiedBesselK0(x),
        ["modified_bessel_k1"] = (x, _) => Special.ModifiedBesselK1(x),
        ["scaled_modified_bessel_k0"] = (x, _) => Special.ScaledModifiedBesselK0(x),
        ["scaled_modified_bessel_k1"] = (x, _) => Special.ScaledModifiedBesselK1(x),
        ["spherical_bessel_j0"] = (x, _) => Special.SphericalBesselJ0(x),
        ["chebyshev_polynomial_t"] = Special.ChebyshevPolynomialT,
        ["chebyshev_polynomial_u"] = Special.ChebyshevPolynomialU,
        ["chebyshev_polynomial_v"] = Special.ChebyshevPolynomialV,
        ["chebyshev_polynomial_w"] = Special.ChebyshevPolynomialW,
        ["shifted_chebyshev_polynomial_t"] = Special.ShiftedChebyshevPolynomialT,
        ["shifted_chebyshev_polynomial_u"] = Special.ShiftedChebyshevPolynomialU,
        ["shifted_chebyshev_polynomial_v"] = Special.ShiftedChebyshevPolynomialV,
        ["shifted_chebyshev_polynomial_w"] = Special.ShiftedChebyshevPolynomialW,
        ["hermite_polynomial_h"] = Special.HermitePolynomialH,
        ["hermite_polynomial_he"] = Special.HermitePolynomialHe,
        ["laguerre_polynomial_l"] = Special.LaguerrePolynomialL,
        ["legendre_polynomial_p"] = Special.LegendrePolynomialP,
        ["hypot"] = (x, y) => x.Hypot(y),
        ["logaddexp"] = (x, y) => x.LogAddExp(y),
        ["logaddexp2"] = (x, y) => x.LogAddExp2(y),
    };

    /// <summary>How far a double may be off, relative to it, where 1e-14 is out of reach: exponents of some hundreds lose so much.</summary>
    static readonly Dictionary<string, double> Tolerances = new()
    {
        ["igamma"] = 1e-13, ["igammac"] = 1e-13,
    };

    /// <summary>Of functions that oscillate, whose roots are lost to the rounding of what is added there: how far a double may be off, absolutely.</summary>
    static readonly Dictionary<string, double> Absolute = new()
    {
        ["airy_ai"] = 3e-15, ["bessel_j0"] = 1e-16, ["bessel_j1"] = 1e-16, ["bessel_y0"] = 1e-15, ["bessel_y1"] = 1e-15, ["spherical_bessel_j0"] = 1e-16,
        ["chebyshev_polynomial_u"] = 2e-14, ["shifted_chebyshev_polynomial_t"] = 2e-14, ["shifted_chebyshev_polynomial_v"] = 2e-14,
        ["laguerre_polynomial_l"] = 1e-14, ["legendre_polynomial_p"] = 1e-15,
    };

    public static TheoryData<string> Names => [.. Functions.Keys];

    static (double[] X, double[] Y, double[] Value) Table(string name)
    {
        string[] lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Data", "special-functions.csv"));
        var rows = lines.Skip(1).Select(l => l.Split(',')).Where(c => c[0] == name).ToArray();
        return (Column(1), Column(2), Column(3));

        double[] Column(int i) => [.. rows.Select(c => c[i].Length == 0 ? 0 : double.Parse(c[i], CultureInfo.InvariantCulture))];
    }

    [Theory, MemberData(nameof(Names))]
    public void Doubles_agree_with_multiple_precision(string name)
    {
        (double[] x, double[] y, double[] value) = Table(name);
        Assert.NotEmpty(x);
        double[] got = Functions[name](Tensor.From(x), Tensor.From(y)).ToArray<double>();
        double tolerance = Tolerances.GetValueOrDefault(name, 1e-14);
        for (int i = 0; i < x.Length; i++)
            Assert.True(Math.Abs(got[i] - value[i]) <= tolerance * Math.Abs(value[i]) + Absolute.GetValueOrDefault(name), $"{name}({x[i]:r}, {y[i]:r}) = {got[i]:r}, not {value[i]:r}: off by {Math.Abs(got[i] / value[i] - 1):e1}");
    }

    [Theory, MemberData(nameof(Names))]
    public void Floats_are_doubles_rounded_once(string name)
    {
        (double[] x, double[] y, _) = Table(name);
        Tensor a = Tensor.From(x).To(DType.Float32), b = Tensor.From(y).To(DType.Float32);
        float[] expected = Functions[name](a.To(DType.Float64), b.To(DType.Float64)).To(DType.Float32).ToArray<float>();
        Assert.Equal(expected, Functions[name](a, b).ToArray<float>());
    }

    const double Infinity = double.PositiveInfinity, NaN = double.NaN;

    // What PyTorch 1.13 answers.
    [Theory]
    [InlineData("erfinv", 1, 0, Infinity), InlineData("erfinv", -1, 0, -Infinity), InlineData("erfinv", 1.5, 0, NaN), InlineData("erfinv", -0.0, 0, -0.0)]
    [InlineData("ndtri", 0, 0, -Infinity), InlineData("ndtri", 1, 0, Infinity), InlineData("ndtri", -0.5, 0, NaN), InlineData("ndtri", 0.5, 0, 0)]
    [InlineData("ndtr", Infinity, 0, 1), InlineData("ndtr", -Infinity, 0, 0), InlineData("ndtr", 0, 0, 0.5), InlineData("ndtr", NaN, 0, NaN)]
    [InlineData("log_ndtr", -Infinity, 0, -Infinity), InlineData("log_ndtr", Infinity, 0, 0)]
    [InlineData("erfcx", -Infinity, 0, Infinity), InlineData("erfcx", Infinity, 0, 0), InlineData("erfcx", 0, 0, 1), InlineData("erfcx", NaN, 0, NaN)]
    [InlineData("i0", 0, 0, 1), InlineData("i0", 800, 0, Infinity), InlineData("i0e", -Infinity, 0, 0), InlineData("i1", -800, 0, -Infinity), InlineData("i1", 0, 0, 0)]
    [InlineData("zeta", 1, 2, Infinity), InlineData("zeta", 0.5, 2, NaN), InlineData("zeta", 2, -3, Infinity), InlineData("zeta", 2.5, -0.5, NaN), InlineData("zeta", 2, NaN, NaN)]
    [InlineData("igamma", 0, 1, 1), InlineData("igamma", 0, 0, NaN), InlineData("igamma", 2, 0, 0), InlineData("igamma", -1, 2, NaN), InlineData("igamma", 2, -1, NaN)]
    [InlineData("igamma", Infinity, 2, 0), InlineData("igamma", 2, Infinity, 1), InlineData("igamma", Infinity, Infinity, NaN), InlineData("igamma", 1e300, 1e300, 0.5)]
    [InlineData("igammac", 0, 1, 0), InlineData("igammac", 2, 0, 1), InlineData("igammac", Infinity, 2, 1), InlineData("igammac", 2, Infinity, 0)]
    [InlineData("airy_ai", Infinity, 0, NaN), InlineData("airy_ai", 200, 0, 0), InlineData("bessel_j0", 0, 0, 1), InlineData("bessel_j1", -0.0, 0, -0.0)]
    [InlineData("bessel_y0", 0, 0, -Infinity), InlineData("bessel_y0", -1, 0, NaN), InlineData("bessel_y1", 0, 0, -Infinity), InlineData("bessel_y1", -1, 0, NaN)]
    [InlineData("modified_bessel_k0", 0, 0, Infinity), InlineData("modified_bessel_k0", -1, 0, NaN), InlineData("modified_bessel_k0", 800, 0, 0)]
    [InlineData("modified_bessel_k1", 0, 0, Infinity), InlineData("modified_bessel_k1", -1, 0, NaN), InlineData("modified_bessel_k1", Infinity, 0, 0)]
    [InlineData("spherical_bessel_j0", 0, 0, 1), InlineData("spherical_bessel_j0", -Infinity, 0, 0)]
    [InlineData("chebyshev_polynomial_t", 1.5, -1, 0), InlineData("chebyshev_polynomial_t", 1.5, 2.7, 3.5), InlineData("chebyshev_polynomial_t", -1, 1e6, 1)]
    [InlineData("legendre_polynomial_p", 0.5, 1e18, NaN), InlineData("hermite_polynomial_h", 3, NaN, NaN)]
    [InlineData("hypot", Infinity, NaN, Infinity), InlineData("hypot", NaN, 1, NaN), InlineData("hypot", 0, -0.0, 0)]
    [InlineData("logaddexp", Infinity, Infinity, Infinity), InlineData("logaddexp", -Infinity, -Infinity, -Infinity), InlineData("logaddexp", -Infinity, 1, 1), InlineData("logaddexp2", 3, 3, 4)]
    public void Special_values_are_pytorchs(string name, double x, double y, double expected)
    {
        double got = Functions[name](Tensor.From([x]), Tensor.From([y])).Item<double>();
        Assert.True(got.Equals(expected) && (name != "erfinv" && name != "bessel_j1" || double.IsNegative(got) == double.IsNegative(expected)) || double.IsNaN(got) && double.IsNaN(expected),
            $"{name}({x}, {y}) = {got}, not {expected}");
    }

    [Fact]
    public void Entropies_are_0_where_their_factor_is()
    {
        Tensor x = Tensor.From([0.0, 0, 0, 1, -1, NaN]), y = Tensor.From([0.0, -1, NaN, 1, 1, 1]);
        Assert.Equal([0, 0, NaN, 0, -0.0, NaN], x.Xlogy(y).ToArray<double>());
        Assert.Equal([0, 0, NaN, Math.Log(2), -Math.Log(2), NaN], Special.Xlog1py(x, y).ToArray<double>());
        Assert.Equal([0, 0, 0, 0, -Infinity, NaN], Special.Entr(x).ToArray<double>());
    }

    [Fact]
    public void What_has_no_derivative_says_so()
    {
        Tensor x = Tensor.From([0.5]).SetRequiresGrad(), a = Tensor.From([2.5]);
        foreach (Func<Tensor> f in (Func<Tensor>[])
            [() => Special.AiryAi(x), () => Special.BesselY1(x), () => Special.ModifiedBesselK0(x), () => Special.LegendrePolynomialP(x, 3), () => Special.Zeta(x + 2, a), () => x.Igamma(a), () => x.Igammac(a), () => x.NextAfter(a)])
            Assert.Contains("Detach", Assert.Throws<NotSupportedException>(() => f().Sum().Backward()).Message);
        a.Igamma(x).Sum().Backward();                                          // d/dx P(5/2, x) at ½
        Assert.Equal(Math.Pow(0.5, 1.5) * Math.Exp(-0.5) / 1.329340388179137, x.Grad!.Item<double>(), 1e-14);
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        Tensor i = Tensor.From([3, 4]);
        foreach (Action call in (Action[])
            [() => i.Igamma(i), () => i.Hypot(i), () => i.NextAfter(i), () => i.LogAddExp(i), () => i.Frexp(), () => i.Mvlgamma(0), () => i.To(DType.Bool).Mvlgamma(1), () => i.Polygamma(-1),
                () => Special.Zeta(2, 3), () => Special.HermitePolynomialH(2, 3), () => Special.Zeta(i, Tensor.Ones(3)), () => i.To(DType.Complex64).I0()])
            Assert.ThrowsAny<ArgumentException>(call);
    }

    [Fact]
    public void The_next_number_is_that_of_the_type()
    {
        Tensor x = Tensor.From([0.0, -0.0, 1, 1, -1, Infinity, 3, NaN]), to = Tensor.From([1.0, -1, 2, 0, 0, 0, 3, 1]);
        Assert.Equal([double.Epsilon, -double.Epsilon, Math.BitIncrement(1.0), Math.BitDecrement(1.0), Math.BitIncrement(-1.0), double.MaxValue, 3, NaN], x.NextAfter(to).ToArray<double>());
        Assert.Equal([float.Epsilon, -float.Epsilon, MathF.BitIncrement(1), MathF.BitDecrement(1), MathF.BitIncrement(-1), float.MaxValue, 3, float.NaN],
            x.To(DType.Float32).NextAfter(to.To(DType.Float32)).ToArray<float>());
        Assert.Equal([1.0078125, 2.015625], Tensor.From([1.0, 2]).To(DType.BFloat16).NextAfter(Tensor.From([3.0]).To(DType.BFloat16)).To(DType.Float64).ToArray<double>());
        Assert.Equal([1.0009765625, -0.00000005960464477539063], Tensor.From([1.0, 0]).To(DType.Float16).NextAfter(Tensor.From([3.0, -3]).To(DType.Float16)).To(DType.Float64).ToArray<double>());
    }

    [Fact]
    public void Numbers_come_apart_and_together()
    {
        double[] x = [0, -0.0, 1, -3, 1e308, double.Epsilon, Infinity, NaN, 0.1];
        (Tensor mantissa, Tensor exponent) = Tensor.From(x).Frexp();
        Assert.Equal([0, -0.0, 0.5, -0.75, 0.5562684646268003, 0.5, Infinity, NaN, 0.8], mantissa.ToArray<double>());
        Assert.Equal([0, 0, 1, 2, 1024, -1073, 0, 0, -3], exponent.ToArray<int>());
        Assert.Equal([2f, 8, 0.75f], Tensor.From([1, 2, 3]).Ldexp(Tensor.From([1, 2, -2])).ToArray<float>());
    }

    [Fact]
    public void The_multivariate_gamma_function_is_a_sum_of_logarithms() =>
        Assert.Equal([1.5501949939575645, 3.5650949367455506], Tensor.From([3.0, 4.0]).Mvlgamma(2).ToArray<double>().Select(v => Math.Round(v, 13) is var r && Math.Abs(r - v) < 1e-12 ? v : NaN), (a, b) => Math.Abs(a - b) < 1e-4);
}
