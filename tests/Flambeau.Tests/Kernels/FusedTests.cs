using System.Runtime.Intrinsics;
using Flambeau.Backends.Cpu;
using Xunit;

namespace Flambeau.Tests.Kernels;

/// <summary>The multiply-add of processors that have none, against C's.</summary>
public class FusedTests
{
    static readonly double[] s_special = [0, -0.0, 1, -1, 1e300, -1e300, double.MaxValue, double.Epsilon, 1e-310, double.PositiveInfinity, double.NegativeInfinity, double.NaN];

    [Fact]
    public void Doubles_are_within_one_ulp_and_exact_errors_are_exact()
    {
        Random random = new(1);
        for (int i = 0; i < 200_000; i++)
        {
            double a = Draw(random), b = Draw(random), c = i % 2 == 0 ? -a * b : Draw(random) * a;
            double expected = Math.FusedMultiplyAdd(a, b, c), actual = Fused.MultiplyAdd(Vector128.Create(a), Vector128.Create(b), Vector128.Create(c))[1];
            if (i % 2 == 0) Assert.Equal(expected, actual);                        // the error of a product is a double
            else Assert.True(Math.Abs(expected - actual) <= Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected), $"{a:R} · {b:R} + {c:R}: {expected:R}, not {actual:R}");
        }
    }

    [Fact]
    public void Floats_are_the_nearest_but_for_one_in_millions()
    {
        Random random = new(2);
        int other = 0;
        for (int i = 0; i < 200_000; i++)
        {
            float a = (float)Draw(random), b = (float)Draw(random), c = i % 2 == 0 ? -a * b : (float)(Draw(random) * a);
            float expected = MathF.FusedMultiplyAdd(a, b, c), actual = Fused.MultiplyAdd(Vector128.Create(a), Vector128.Create(b), Vector128.Create(c))[3];
            Assert.True(expected == actual || Math.Abs(expected - actual) <= MathF.BitIncrement(Math.Abs(expected)) - Math.Abs(expected), $"{a:R} · {b:R} + {c:R}: {expected:R}, not {actual:R}");
            if (expected != actual) other++;
        }
        Assert.InRange(other, 0, 2);
    }

    [Fact]
    public void Infinities_overflow_and_NaN_come_out_as_C_has_them()
    {
        foreach (double a in s_special)
            foreach (double b in s_special)
                foreach (double c in s_special)
                {
                    double expected = Math.FusedMultiplyAdd(a, b, c), actual = Fused.MultiplyAdd(Vector128.Create(a), Vector128.Create(b), Vector128.Create(c))[0];
                    if (double.IsInfinity(a * b) && double.IsFinite(a) && double.IsFinite(b)) continue;    // rounded as by two instructions
                    Assert.True(expected.Equals(actual) || Math.Abs(expected - actual) <= Math.Abs(expected) * 1e-15 + double.Epsilon, $"{a} · {b} + {c}: {expected}, not {actual}");
                    float f = MathF.FusedMultiplyAdd((float)a, (float)b, (float)c), g = Fused.MultiplyAdd(Vector128.Create((float)a), Vector128.Create((float)b), Vector128.Create((float)c))[0];
                    Assert.True(f.Equals(g), $"floats: {a} · {b} + {c}: {f}, not {g}");
                }
    }

    static double Draw(Random r) => (r.NextDouble() - 0.5) * Math.Pow(2, r.Next(-20, 20));
}
