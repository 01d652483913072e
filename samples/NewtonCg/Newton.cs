namespace Flambeau.Samples.NewtonCg;

/// <summary>
/// Newton's method for many variables (Nocedal, Wright 2006, algorithm 7.1): each step solves H p = −g by conjugate gradients, which ask for
/// products H v only: the gradient, linearized. A product costs about as much as a gradient; H itself, n² numbers, is never made.
/// </summary>
static class Newton
{
    /// <summary>One step down from x: the new place, the gradient at the old one, and how many products it took.</summary>
    /// <param name="f">What is minimized: a tensor to one number.</param>
    /// <param name="x">Where.</param>
    public static (Tensor X, Tensor Gradient, int Products) Step(Func<Tensor, Tensor> f, Tensor x)
    {
        (Tensor g, Func<Tensor, Tensor> product) = Func.Linearize(Func.Grad(f), x);              // ∇f(x), and v → H v
        (Tensor p, int products) = Solve(product, g);
        double before = f(x).Item<double>(), slope = Dot(g, p), length = 1;
        while (length > 1e-8 && f(x + p * length).Item<double>() > before + 1e-4 * length * slope) length /= 2;
        return (x + p * length, g, products);
    }

    /// <summary>p with H p ≈ −g: the more exactly, the nearer the end, so that the last steps square the error.</summary>
    /// <param name="product">v → H v.</param>
    /// <param name="g">The gradient.</param>
    public static (Tensor P, int Products) Solve(Func<Tensor, Tensor> product, Tensor g)
    {
        Tensor p = Tensor.ZerosLike(g), r = g.Clone(), d = -g;                                   // r = H p + g; it is changed in place
        double size = Math.Sqrt(Dot(g, g)), enough = Math.Min(0.5, Math.Sqrt(size)) * size, rr = size * size;
        int products = 0;
        for (; products < g.Count && Math.Sqrt(rr) > enough; products++)
        {
            Tensor hd = product(d);
            double curvature = Dot(d, hd);
            if (curvature <= 0) return (products == 0 ? d : p, products + 1);                    // not a valley: as far as is known to go down
            double step = rr / curvature, last = rr;
            p += d * step;
            r += hd * step;
            rr = Dot(r, r);
            d = d * (rr / last) - r;
        }
        return (p, products);
    }

    static double Dot(Tensor a, Tensor b) => (a * b).Sum().Item<double>();
}
