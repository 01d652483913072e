using System.Numerics;

namespace Flambeau;

/// <summary>
/// Derivatives held against finite differences. PyTorch's <c>torch.autograd.gradcheck</c> and <c>gradgradcheck</c>.
/// </summary>
public static class GradCheck
{
    /// <summary>Compares the vector–Jacobian product of <paramref name="f"/> for random vectors with central differences.</summary>
    /// <param name="f">The function; its outputs that are floating point or complex are checked.</param>
    /// <param name="inputs">Where; those that require grad (float64 or complex128) are varied.</param>
    /// <param name="eps">The step of the differences.</param>
    /// <param name="atol">The absolute tolerance.</param>
    /// <param name="rtol">The relative tolerance.</param>
    /// <returns>Null if they agree, else where and by how much they do not.</returns>
    /// <exception cref="ArgumentException">No input requires grad, or one that does is of low precision.</exception>
    public static string? Run(Func<Tensor[], Tensor[]> f, Tensor[] inputs, double eps = 1e-6, double atol = 1e-5, double rtol = 1e-3)
    {
        if (!inputs.Any(x => x.RequiresGrad)) throw new ArgumentException("GradCheck: no input requires grad.", nameof(inputs));
        foreach (Tensor x in inputs)
            if (x.RequiresGrad && x.DType is not (DType.Float64 or DType.Complex128))
                throw new ArgumentException($"GradCheck: differences in {x.DType} are too coarse; use Float64 or Complex128.", nameof(inputs));

        Tensor[] y = [.. f(inputs).Where(t => t.DType.IsDifferentiable && t.RequiresGrad)];
        Tensor[] varied = [.. inputs.Where(x => x.RequiresGrad)];
        if (y.Length == 0) return "no output requires grad";
        var random = new System.Random(20260101);
        Tensor[] v = [.. y.Select(t => Like(t, random))];
        Tensor?[] analytic = Autograd.Grad(y, varied, v, retainGraph: true, allowUnused: true);

        using var _ = Autograd.NoGrad();
        for (int k = 0; k < varied.Length; k++)
        {
            Tensor x = varied[k].Detach();
            Complex[] g = analytic[k]?.ToArray<Complex>() ?? new Complex[x.Count];
            if (analytic[k] is { } a && (a.Shape != x.Shape || a.DType != x.DType)) return $"gradient {k} is {a.DType} {a.Shape}, the input {x.DType} {x.Shape}";
            for (long i = 0; i < x.Count; i++)
            {
                Complex numeric = Difference(i, eps);
                if (x.DType.IsComplex) numeric += Complex.ImaginaryOne * Difference(i, Complex.ImaginaryOne * eps);
                double error = Complex.Abs(g[i] - numeric), bound = atol + rtol * Complex.Abs(numeric);
                if (!(error <= bound) && !(Complex.IsNaN(g[i]) && Complex.IsNaN(numeric)))
                    return $"input {k}, element {i}: the derivative is {Text(g[i])}, differences say {Text(numeric)}";
            }

            double Difference(long i, Complex step)
            {
                Tensor place = At(x, i);
                Complex old = place.Item<Complex>();
                place.FillInPlace(Value(old + step));
                double up = Weighted();
                place.FillInPlace(Value(old - step));
                double down = Weighted();
                place.FillInPlace(Value(old));
                return (up - down) / (2 * eps);
            }

            Scalar Value(Complex c) => x.DType.IsComplex ? c : (Scalar)c.Real;
        }
        return null;

        double Weighted()
        {
            Tensor[] t = [.. f(inputs).Where(t => t.DType.IsDifferentiable)];
            double sum = 0;
            for (int i = 0, j = 0; i < t.Length && j < v.Length; i++)
            {
                if (t[i].Shape != v[j].Shape) continue;
                Complex[] p = t[i].ToArray<Complex>(), q = v[j++].ToArray<Complex>();
                for (int e = 0; e < p.Length; e++) sum += (Complex.Conjugate(q[e]) * p[e]).Real;
            }
            return sum;
        }
    }

    /// <summary>As <see cref="Run"/> for the derivative of <paramref name="f"/> itself.</summary>
    public static string? RunTwice(Func<Tensor[], Tensor[]> f, Tensor[] inputs, double eps = 1e-6, double atol = 1e-5, double rtol = 1e-3)
    {
        var random = new System.Random(20260102);
        Tensor[] y = [.. f(inputs).Where(t => t.DType.IsDifferentiable && t.RequiresGrad)];
        Tensor[] v = [.. y.Select(t => Like(t, random).SetRequiresGrad())];
        return Run(all =>
        {
            Tensor[] x = all[..inputs.Length], w = all[inputs.Length..];
            // Differences are taken under NoGrad; the inner gradient needs the tape all the same.
            using var _ = Autograd.EnableGrad();
            Tensor[] t = [.. f(x).Where(t => t.DType.IsDifferentiable && t.RequiresGrad)];
            Tensor[] varied = [.. x.Where(a => a.RequiresGrad)];
            Tensor?[] g = Autograd.Grad(t, varied, w, createGraph: true, allowUnused: true);
            return [.. g.Where(a => a is not null).Select(a => a!)];
        }, [.. inputs, .. v], eps, atol, rtol);
    }

    static Tensor Like(Tensor y, System.Random random)
    {
        var values = new Complex[y.Count];
        for (int i = 0; i < values.Length; i++) values[i] = new(random.NextDouble() * 2 - 1, y.DType.IsComplex ? random.NextDouble() * 2 - 1 : 0);
        return Tensor.From<Complex>(values).CastTo(y.DType).Reshape(y.Shape);
    }

    static Tensor At(Tensor x, long i)
    {
        for (int d = x.Rank - 1; d >= 0; d--)
        {
            long n = x.Shape[d], k = i % n;
            i /= n;
            x = x.Select(d, k);
        }
        return x;
    }

    static string Text(Complex c) => c.Imaginary == 0 ? $"{c.Real:G6}" : $"{c.Real:G6}{c.Imaginary:+0.#####;-0.#####}i";
}
