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
    };

    /// <summary>How far a double may be off, relative to it, where 1e-14 is out of reach: exponents of some hundreds lose so much.</summary>
    static readonly Dictionary<string, double> Tolerances = new()
    {
        ["igamma"] = 1e-13, ["igammac"] = 1e-13,
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
            Assert.True(Math.Abs(got[i] - value[i]) <= tolerance * Math.Abs(value[i]), $"{name}({x[i]:r}, {y[i]:r}) = {got[i]:r}, not {value[i]:r}: off by {Math.Abs(got[i] / value[i] - 1):e1}");
    }

    [Theory, MemberData(nameof(Names))]
    public void Floats_are_doubles_rounded_once(string name)
    {
        (double[] x, double[] y, _) = Table(name);
        Tensor a = Tensor.From(x).To(DType.Float32), b = Tensor.From(y).To(DType.Float32);
        float[] expected = Functions[name](a.To(DType.Float64), b.To(DType.Float64)).To(DType.Float32).ToArray<float>();
        Assert.Equal(expected, Functions[name](a, b).ToArray<float>());
    }
}
