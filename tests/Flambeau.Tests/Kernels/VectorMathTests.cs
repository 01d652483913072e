using System.Globalization;
using Flambeau.Backends.Cpu;
using Xunit;

namespace Flambeau.Tests.Kernels;

public class VectorMathTests
{
    /// <summary>A function by its name, so that a theory can list it; two-argument ones take y, the others ignore it.</summary>
    static readonly Dictionary<string, LaneFunction> Functions = new LaneFunction[]
    {
        new LaneFunction<Exp>("exp", (x, _) => Math.Exp(x)) { Range = (-104, 89) },
        new LaneFunction<Expm1>("expm1") { Range = (-18, 89) },
        new LaneFunction<Log>("log", (x, _) => Math.Log(x)) { Range = (0, 100) },
        new LaneFunction<Log1p>("log1p") { Range = (-1, 10) },
        new LaneFunction<Sin>("sin", (x, _) => Math.Sin(x)) { Range = (-100, 100) },
        new LaneFunction<Cos>("cos", (x, _) => Math.Cos(x)) { Range = (-100, 100) },
        new LaneFunction<Tan>("tan", (x, _) => Math.Tan(x)) { Range = (-100, 100) },
        new LaneFunction<Asin>("asin", (x, _) => Math.Asin(x)) { Range = (-1, 1) },
        new LaneFunction<Acos>("acos", (x, _) => Math.Acos(x)) { Range = (-1, 1) },
        new LaneFunction<Atan>("atan", (x, _) => Math.Atan(x)) { Range = (-8, 8) },
        new LaneFunction<Atan2>("atan2", Math.Atan2) { Range = (-3, 3) },
        new LaneFunction<Sinh>("sinh", (x, _) => Math.Sinh(x)) { Range = (-89.5, 89.5) },
        new LaneFunction<Cosh>("cosh", (x, _) => Math.Cosh(x)) { Range = (-89.5, 89.5) },
        new LaneFunction<Tanh>("tanh", (x, _) => Math.Tanh(x)) { Range = (-10, 10) },
        new LaneFunction<Pow>("pow", Math.Pow) { Range = (0, 20) },
        new LaneFunction<Erf>("erf") { Range = (-4.5, 4.5) },
        new LaneFunction<Erfc>("erfc") { Range = (-4, 10.3), DoubleUlps = 4 },
        new LaneFunction<Lgamma>("lgamma") { Range = (-10, 40), DoubleUlps = 16 },
        new LaneFunction<Digamma>("digamma") { Range = (-10, 40), DoubleUlps = 16 },
    }.ToDictionary(f => f.Name);

    public static TheoryData<string> Names => [.. Functions.Keys];

    [Theory, MemberData(nameof(Names))]
    public void DoubleAgreesWithMultiplePrecision(string name)
    {
        LaneFunction f = Functions[name];
        string[] lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Data", "vector-math.csv"));
        var rows = lines.Skip(1).Select(l => l.Split(',')).Where(c => c[0] == name).ToArray();
        double[] Column(int i) => [.. rows.Select(c => c[i].Length == 0 ? 0 : double.Parse(c[i], CultureInfo.InvariantCulture))];
        double[] x = Column(1), y = Column(2), high = Column(3), low = Column(4);
        double[] got = f.Doubles(LaneFunction.Widest, x, y);
        for (int i = 0; i < got.Length; i++)
        {
            double ulps = Math.Abs(got[i] - high[i] - low[i]) / Ulp(high[i], 53, -1074);
            // Next to ψ's root only the absolute error is small.
            if (name == "digamma") ulps = Math.Min(ulps, Math.Abs(got[i] - high[i] - low[i]) / 2.2e-16);
            Assert.True(ulps <= f.DoubleUlps, $"{name}({x[i]:r}, {y[i]:r}) = {got[i]:r}, not {high[i]:r}: {ulps:f2} ulp");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void DoubleAgreesWithTheScalarLibrary(string name)
    {
        LaneFunction f = Functions[name];
        if (f.Scalar is not { } scalar) return;
        double[] x = [.. Grid(f.Range, 20000), .. RandomDoubles(1, 5000)];
        double[] y = [.. Grid((-7, 7), 20000).Reverse(), .. RandomDoubles(2, 5000)];
        Check(name, x, y, f.Doubles(LaneFunction.Widest, x, y), scalar, 3, 53, -1074);
    }

    [Theory, MemberData(nameof(Names))]
    public void FloatIsWithinTwoUlp(string name)
    {
        LaneFunction f = Functions[name];
        IEnumerable<double> grid = [.. Grid(f.Range, 200000), .. Grid((-1.2, 1.2), 100000)];
        float[] x = [.. grid.Select(v => (float)v), .. RandomFloats(1, 100000)];
        float[] y = [.. Grid((-7, 7), 300000).Reverse().Select(v => (float)v), .. RandomFloats(2, 100000)];
        double[] wideX = [.. x.Select(v => (double)v)], wideY = [.. y.Select(v => (double)v)];
        double[] reference = f.Scalar is { } scalar ? [.. wideX.Zip(wideY, scalar)] : f.Doubles(LaneFunction.Widest, wideX, wideY);
        float[] got = f.Floats(LaneFunction.Widest, x, y);
        int i = 0;
        Check(name, wideX, wideY, [.. got.Select(v => (double)v)], (_, _) => reference[i++], 2, 24, -149);
    }

    [Theory, MemberData(nameof(Names))]
    public void EveryWidthGivesTheSameBits(string name)
    {
        LaneFunction f = Functions[name];
        float[] x = [.. Grid(f.Range, 5000).Select(v => (float)v), .. RandomFloats(3, 5000), float.NaN, float.PositiveInfinity, -0f];
        float[] y = [.. Grid((-7, 7), 5000).Reverse().Select(v => (float)v), .. RandomFloats(4, 5000), 1, 2, 3];
        double[] wideX = [.. Grid(f.Range, 5000), .. RandomDoubles(3, 5000), double.NaN, double.NegativeInfinity, -0.0];
        double[] wideY = [.. Grid((-7, 7), 5000).Reverse(), .. RandomDoubles(4, 5000), 1, 2, 3];
        // Without a fused multiply-add, wider lanes are .NET's emulation, which nothing uses.
        if (Fused.IsMissing) return;
        Assert.Equal(f.Floats(512, x, y), f.Floats(256, x, y));
        Assert.Equal(f.Floats(512, x, y), f.Floats(128, x, y));
        Assert.Equal(f.Doubles(512, wideX, wideY), f.Doubles(256, wideX, wideY));
        Assert.Equal(f.Doubles(512, wideX, wideY), f.Doubles(128, wideX, wideY));
    }

    const double Infinity = double.PositiveInfinity, NaN = double.NaN;

    [Theory]
    [InlineData("exp", 0, 1), InlineData("exp", Infinity, Infinity), InlineData("exp", -Infinity, 0), InlineData("exp", NaN, NaN)]
    [InlineData("exp", 1000, Infinity), InlineData("exp", -1000, 0), InlineData("exp", 3e38, Infinity), InlineData("exp", -3e38, 0)]
    [InlineData("expm1", Infinity, Infinity), InlineData("expm1", -Infinity, -1), InlineData("expm1", NaN, NaN)]
    [InlineData("expm1", -1000, -1), InlineData("expm1", 1000, Infinity)]
    [InlineData("log", 1, 0), InlineData("log", 0, -Infinity), InlineData("log", -1, NaN)]
    [InlineData("log", Infinity, Infinity), InlineData("log", -Infinity, NaN), InlineData("log", NaN, NaN)]
    [InlineData("log1p", -1, -Infinity), InlineData("log1p", -2, NaN), InlineData("log1p", Infinity, Infinity)]
    [InlineData("log1p", -Infinity, NaN), InlineData("log1p", NaN, NaN)]
    [InlineData("sin", Infinity, NaN), InlineData("sin", -Infinity, NaN), InlineData("sin", NaN, NaN)]
    [InlineData("cos", Infinity, NaN), InlineData("cos", NaN, NaN)]
    [InlineData("tan", Infinity, NaN), InlineData("tan", NaN, NaN)]
    [InlineData("asin", 1.5, NaN), InlineData("asin", NaN, NaN), InlineData("asin", Infinity, NaN)]
    [InlineData("acos", 1, 0), InlineData("acos", -1.5, NaN), InlineData("acos", NaN, NaN), InlineData("acos", -Infinity, NaN)]
    [InlineData("atan", Infinity, Math.PI / 2), InlineData("atan", -Infinity, -Math.PI / 2), InlineData("atan", NaN, NaN)]
    [InlineData("sinh", Infinity, Infinity), InlineData("sinh", -Infinity, -Infinity), InlineData("sinh", NaN, NaN)]
    [InlineData("cosh", 0, 1), InlineData("cosh", -Infinity, Infinity), InlineData("cosh", 1000, Infinity), InlineData("cosh", NaN, NaN)]
    [InlineData("tanh", Infinity, 1), InlineData("tanh", -Infinity, -1), InlineData("tanh", 50, 1), InlineData("tanh", NaN, NaN)]
    [InlineData("erf", Infinity, 1), InlineData("erf", -Infinity, -1), InlineData("erf", 7, 1), InlineData("erf", NaN, NaN)]
    [InlineData("erfc", 0, 1), InlineData("erfc", Infinity, 0), InlineData("erfc", -Infinity, 2), InlineData("erfc", 30, 0)]
    [InlineData("erfc", NaN, NaN)]
    [InlineData("lgamma", 1, 0), InlineData("lgamma", 2, 0), InlineData("lgamma", 0, Infinity)]
    [InlineData("lgamma", -3, Infinity), InlineData("lgamma", Infinity, Infinity), InlineData("lgamma", -Infinity, Infinity)]
    [InlineData("lgamma", NaN, NaN)]
    [InlineData("digamma", 0, -Infinity), InlineData("digamma", -3, NaN), InlineData("digamma", Infinity, Infinity)]
    [InlineData("digamma", -Infinity, NaN), InlineData("digamma", NaN, NaN)]
    public void SpecialValues(string name, double x, double expected) => CheckExactly(name, x, 0, expected);

    [Theory]
    [InlineData("expm1", -0.0), InlineData("log1p", -0.0), InlineData("sin", -0.0), InlineData("tan", -0.0), InlineData("asin", -0.0)]
    [InlineData("atan", -0.0), InlineData("sinh", -0.0), InlineData("tanh", -0.0), InlineData("erf", -0.0)]
    [InlineData("log", -Infinity), InlineData("cos", 1), InlineData("lgamma", Infinity), InlineData("digamma", Infinity)]
    public void OfNegativeZero(string name, double expected) => CheckExactly(name, -0.0, 0, expected);

    static readonly double[] Corners =
        [0, -0.0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, 2.5, -2.5, 16777217, -1e300, 1e300, 1e-300, -1e-300, Infinity, -Infinity, NaN];

    [Theory, InlineData("pow"), InlineData("atan2")]
    public void CornersAreTheScalarLibrarys(string name)
    {
        LaneFunction f = Functions[name];
        foreach (double x in Corners)
            foreach (double y in Corners)
            {
                CheckNearly(f.Doubles(LaneFunction.Widest, [x], [y])[0], f.Scalar!(x, y), 53, -1074);
                CheckNearly(f.Floats(LaneFunction.Widest, [(float)x], [(float)y])[0], (float)f.Scalar!((float)x, (float)y), 24, -149);

                void CheckNearly(double got, double expected, int bits, int lowest) =>
                    Assert.True(IsSame(got, expected) || Math.Abs(got - expected) <= 2 * Ulp(expected, bits, lowest),
                        $"{name}({x}, {y}) = {got}, not {expected}");
            }
    }

    static void CheckExactly(string name, double x, double y, double expected)
    {
        foreach (int width in (int[])[128, 256, 512])
        {
            double got = Functions[name].Doubles(width, [x], [y])[0];
            Assert.True(IsSame(got, expected), $"{name}({x}, {y}) = {got}, not {expected}");
            float narrow = Functions[name].Floats(width, [(float)x], [(float)y])[0];
            Assert.True(IsSame(narrow, (float)expected), $"float {name}({x}, {y}) = {narrow}, not {(float)expected}");
        }
    }

    static bool IsSame(double a, double b) =>
        a.Equals(b) && double.IsNegative(a) == double.IsNegative(b) || double.IsNaN(a) && double.IsNaN(b);

    static void Check(
        string name, double[] x, double[] y, double[] got, Func<double, double, double> reference, double limit, int bits, int lowest)
    {
        double largest = bits == 24 ? float.MaxValue : double.MaxValue;
        for (int i = 0; i < x.Length; i++)
        {
            double expected = reference(x[i], y[i]);
            // At the edge of overflow either side of it is right.
            double capped = Math.Clamp(got[i], -largest, largest), cappedExpected = Math.Clamp(expected, -largest, largest);
            double ulps = Math.Abs(capped - cappedExpected) / Ulp(cappedExpected, bits, lowest);
            bool isFine = double.IsNaN(expected) ? double.IsNaN(got[i]) : ulps <= limit;
            Assert.True(isFine, $"{name}({x[i]:r}, {y[i]:r}) = {got[i]:r}, not {expected:r}: {ulps:f2} ulp");
        }
    }

    /// <summary>The distance of neighbours near y among numbers of so many bits, of which the smallest is 2^lowest.</summary>
    static double Ulp(double y, int bits, int lowest) =>
        y == 0 ? Math.ScaleB(1, lowest) : Math.ScaleB(1, Math.Max(Math.ILogB(y) - bits + 1, lowest));

    static IEnumerable<double> Grid((double From, double To) range, int count) =>
        Enumerable.Range(0, count).Select(i => range.From + (range.To - range.From) * (i + 0.37) / count);

    static float[] RandomFloats(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => BitConverter.UInt32BitsToSingle((uint)random.NextInt64(1L << 32)))];
    }

    static double[] RandomDoubles(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)))];
    }
}
