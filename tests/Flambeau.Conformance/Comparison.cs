using System.Numerics;

namespace Flambeau.Conformance;

/// <summary>Whether a tensor is PyTorch's, to a tolerance.</summary>
public static class Comparison
{
    /// <summary>Relative and absolute tolerance of a type: those of PyTorch's own tests.</summary>
    public static (double Relative, double Absolute) Tolerance(DType type) => type switch
    {
        DType.Float64 or DType.Complex128 => (1e-7, 1e-7),
        DType.Float32 or DType.Complex64 => (1.3e-6, 1e-5),
        DType.Float16 => (1e-3, 1e-5),
        DType.BFloat16 => (1.6e-2, 1e-5),
        _ => (0, 0),
    };

    /// <summary>Null, or what is different: where, what was expected, what came.</summary>
    public static string? Difference(string what, Tensor expected, Tensor? actual, (double Relative, double Absolute)? tolerance = null, bool shapeOnly = false, bool magnitude = false)
    {
        if (actual is null) return $"{what}: {expected.DType} {expected.Shape} expected, nothing came";
        if (expected.Shape != actual.Shape || expected.DType != actual.DType) return $"{what}: {expected.DType} {expected.Shape} expected, {actual.DType} {actual.Shape} came";
        if (shapeOnly) return null;
        if (!expected.DType.IsFloatingPoint && !expected.DType.IsComplex)
        {
            long[] e = expected.ToArray<long>(), a = actual.ToArray<long>();
            for (int i = 0; i < e.Length; i++) if (e[i] != a[i]) return $"{what}[{Place(expected.Shape, i)}]: {e[i]} expected, {a[i]} came";
            return null;
        }
        var (relative, absolute) = tolerance ?? Tolerance(expected.DType);
        Complex[] x = expected.ToArray<Complex>(), y = actual.Detach().ToArray<Complex>();
        for (int i = 0; i < x.Length; i++)
            if (magnitude ? !Close(Complex.Abs(x[i]), Complex.Abs(y[i])) : !Same(x[i], y[i]))
                return $"{what}[{Place(expected.Shape, i)}] of {expected.Shape}: {Text(x[i])} expected, {Text(y[i])} came";
        return null;

        bool Close(double e, double a) => e.Equals(a) || Math.Abs(e - a) <= absolute + relative * Math.Abs(e);
        // As PyTorch compares: infinities and NaN part by part, finite numbers by their distance in the plane.
        bool Same(Complex e, Complex a) => Complex.IsFinite(e) && Complex.IsFinite(a) ? Complex.Abs(e - a) <= absolute + relative * Complex.Abs(e)
            : Close(e.Real, a.Real) && Close(e.Imaginary, a.Imaginary);
    }

    static string Text(Complex z) => z.Imaginary == 0 ? $"{z.Real:R}" : $"{z.Real:R}{z.Imaginary:+0.################;-0.################}i";

    static string Place(Dims shape, int at)
    {
        var index = new long[shape.Length];
        for (int d = shape.Length - 1; d >= 0; d--) (at, index[d]) = ((int)(at / shape[d]), at % shape[d]);
        return string.Join(", ", index);
    }
}
