using Flambeau.Nn;

namespace Flambeau.Samples.NeuralOde;

/// <summary>
/// The same solver, with the gradient of the adjoint method (Chen, Rubanova, Bettencourt, Duvenaud 2018): nothing of the forward pass is kept
/// but its results. Backward in time, a = ∂L/∂y obeys da/dt = −aᵀ ∂f/∂y, and ∂L/∂θ gathers aᵀ ∂f/∂θ.
/// </summary>
sealed class AdjointOde(UnaryModule f, double h, int steps) : Autograd.Function
{
    readonly Parameter[] _parameters = [.. f.Parameters()];

    /// <summary>As <see cref="Ode.Solve"/>.</summary>
    public Tensor Solve(Tensor y) => Apply([y, .. _parameters])[0];

    protected override Tensor[] Forward(Context context, Tensor[] inputs)
    {
        Tensor path = Ode.Solve(f.Call, inputs[0], h, steps);
        context.SaveForBackward(path);
        return [path];
    }

    protected override Tensor?[] Backward(Context context, Tensor?[] gradOutputs)
    {
        Tensor path = context.SavedTensors[0], g = gradOutputs[0]!;                                // (steps + 1, N, D) both
        Tensor a = g[steps];
        Tensor[] sums = [.. _parameters.Select(p => Tensor.ZerosLike(p))];
        for (int i = steps; i > 0; i--)
        {
            Tensor y = path[i];
            // The three together, by one Runge–Kutta step of length −h.
            (Tensor Y, Tensor A, Tensor[] Sums) k1 = Slope(y, a), k2 = Slope(y - k1.Y * (h / 2), a - k1.A * (h / 2));
            (Tensor Y, Tensor A, Tensor[] Sums) k3 = Slope(y - k2.Y * (h / 2), a - k2.A * (h / 2)), k4 = Slope(y - k3.Y * h, a - k3.A * h);
            a = a - (k1.A + (k2.A + k3.A) * 2 + k4.A) * (h / 6) + g[i - 1];
            for (int p = 0; p < sums.Length; p++) sums[p] -= (k1.Sums[p] + (k2.Sums[p] + k3.Sums[p]) * 2 + k4.Sums[p]) * (h / 6);
        }
        return [a, .. sums];
    }

    /// <summary>How y, a and the gradients of the parameters change with time: f, −aᵀ ∂f/∂y, −aᵀ ∂f/∂θ.</summary>
    (Tensor Y, Tensor A, Tensor[] Sums) Slope(Tensor y, Tensor a)
    {
        using var _ = Autograd.EnableGrad();
        y = y.Detach().SetRequiresGrad();
        Tensor dy = f.Call(y);
        Tensor?[] g = Autograd.Grad([dy], [y, .. _parameters], [-a]);
        return (dy.Detach(), g[0]!, [.. g.Skip(1).Select(t => t!)]);
    }
}
