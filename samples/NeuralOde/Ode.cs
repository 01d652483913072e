namespace Flambeau.Samples.NeuralOde;

/// <summary>Solves dy/dt = f(y) by the classic Runge–Kutta method of fourth order.</summary>
static class Ode
{
    /// <summary>One step: y(t) → y(t + h). Plain tensor operations, so that gradients flow through it.</summary>
    public static Tensor Step(Func<Tensor, Tensor> f, Tensor y, double h)
    {
        Tensor k1 = f(y), k2 = f(y + k1 * (h / 2)), k3 = f(y + k2 * (h / 2)), k4 = f(y + k3 * h);
        return y + (k1 + (k2 + k3) * 2 + k4) * (h / 6);
    }

    /// <summary>y(0), y(h), …, y(steps · h): (N, D) → (steps + 1, N, D).</summary>
    public static Tensor Solve(Func<Tensor, Tensor> f, Tensor y, double h, int steps)
    {
        List<Tensor> path = [y];
        for (int i = 0; i < steps; i++) path.Add(y = Step(f, y, h));
        return Tensor.Stack(path);
    }
}
