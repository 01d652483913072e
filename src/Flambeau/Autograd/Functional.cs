namespace Flambeau;

public static partial class Autograd
{
    /// <summary>Derivatives of functions of tensors, by reverse mode. PyTorch's <c>torch.autograd.functional</c>.</summary>
    public static class Functional
    {
        /// <summary>All partial derivatives of a function's result: f: (…X) → (…Y) gives (…Y, …X).</summary>
        /// <param name="func">The function.</param>
        /// <param name="input">Where to differentiate it.</param>
        /// <param name="createGraph">Whether the result can be differentiated.</param>
        public static Tensor Jacobian(Func<Tensor, Tensor> func, Tensor input, bool createGraph = false) => Jacobian(x => func(x[0]), [input], createGraph)[0];

        /// <summary>As <see cref="Jacobian(Func{Tensor, Tensor}, Tensor, bool)"/>, with respect to each of several inputs.</summary>
        public static Tensor[] Jacobian(Func<Tensor[], Tensor> func, IReadOnlyList<Tensor> inputs, bool createGraph = false)
        {
            using var _ = EnableGrad();
            Tensor[] x = Begin(inputs, createGraph);
            Tensor y = func(x), flat = y.Reshape(-1);
            if (!y.RequiresGrad) return [.. x.Select(t => Tensor.Zeros([.. y.Shape, .. t.Shape], t.DType))];
            var rows = new Tensor[x.Length][];
            for (int k = 0; k < x.Length; k++) rows[k] = new Tensor[flat.Count];
            for (int i = 0; i < flat.Count; i++)
            {
                Tensor?[] g = Grad([flat.Select(0, i)], x, null, retainGraph: true, createGraph, allowUnused: true);
                for (int k = 0; k < x.Length; k++) rows[k][i] = g[k] ?? Tensor.ZerosLike(x[k]);
            }
            return [.. rows.Select((r, k) => r.Length == 0 ? Tensor.Zeros([.. y.Shape, .. x[k].Shape], x[k].DType) : Tensor.Stack(r).Reshape([.. y.Shape, .. x[k].Shape]))];
        }

        /// <summary>All second derivatives of a scalar function: (…X) gives (…X, …X).</summary>
        /// <param name="func">The function; its result has one element.</param>
        /// <param name="input">Where to differentiate it.</param>
        /// <param name="createGraph">Whether the result can be differentiated.</param>
        /// <exception cref="ArgumentException">The result has several elements.</exception>
        public static Tensor Hessian(Func<Tensor, Tensor> func, Tensor input, bool createGraph = false) =>
            Jacobian(x => Gradient("Hessian", func, x), input, createGraph);

        /// <summary>A vector times the Jacobian: the result and Σ vᵢ ∂yᵢ/∂x.</summary>
        /// <param name="func">The function.</param>
        /// <param name="input">Where to differentiate it.</param>
        /// <param name="v">One weight for each element of the result; may be null for a scalar.</param>
        /// <param name="createGraph">Whether the product can be differentiated.</param>
        public static (Tensor Output, Tensor Vjp) Vjp(Func<Tensor, Tensor> func, Tensor input, Tensor? v = null, bool createGraph = false)
        {
            using var _ = EnableGrad();
            Tensor x = Begin([input], createGraph)[0], y = func(x);
            return (createGraph ? y : y.Detach(), y.RequiresGrad ? Grad([y], [x], [v], createGraph: createGraph, allowUnused: true)[0] ?? Tensor.ZerosLike(x) : Tensor.ZerosLike(x));
        }

        /// <summary>The Jacobian times a vector: the result and Σ ∂y/∂xⱼ vⱼ; by differentiating the vector–Jacobian product, which is linear in its vector, once more.</summary>
        /// <param name="func">The function.</param>
        /// <param name="input">Where to differentiate it.</param>
        /// <param name="v">One weight for each element of the input.</param>
        /// <param name="createGraph">Whether the product can be differentiated.</param>
        /// <exception cref="ArgumentException">The vector has another shape than the input.</exception>
        public static (Tensor Output, Tensor Jvp) Jvp(Func<Tensor, Tensor> func, Tensor input, Tensor v, bool createGraph = false)
        {
            if (v.Shape != input.Shape) throw new ArgumentException($"Jvp: the vector has shape {v.Shape}, the input {input.Shape}; they must be equal.");
            using var _ = EnableGrad();
            Tensor x = Begin([input], createGraph)[0], y = func(x);
            Tensor answer = createGraph ? y : y.Detach();
            if (!y.RequiresGrad) return (answer, Tensor.ZerosLike(y));
            Tensor u = Tensor.ZerosLike(y).SetRequiresGrad();
            Tensor? g = Grad([y], [x], [u], createGraph: true, allowUnused: true)[0];
            Tensor? jv = g is { RequiresGrad: true } ? Grad([g], [u], [v], createGraph: createGraph, allowUnused: true)[0] : null;
            return (answer, jv ?? Tensor.ZerosLike(y));
        }

        /// <summary>The Hessian of a scalar function times a vector, without the Hessian.</summary>
        /// <inheritdoc cref="Jvp"/>
        public static (Tensor Output, Tensor Hvp) Hvp(Func<Tensor, Tensor> func, Tensor input, Tensor v, bool createGraph = false) => Vhp(func, input, v, createGraph);

        /// <summary>A vector times the Hessian of a scalar function, which is symmetric; without the Hessian.</summary>
        /// <inheritdoc cref="Jvp"/>
        public static (Tensor Output, Tensor Vhp) Vhp(Func<Tensor, Tensor> func, Tensor input, Tensor v, bool createGraph = false)
        {
            if (v.Shape != input.Shape) throw new ArgumentException($"Vhp: the vector has shape {v.Shape}, the input {input.Shape}; they must be equal.");
            using var _ = EnableGrad();
            Tensor x = Begin([input], createGraph)[0], g = Gradient("Vhp", func, x, out Tensor y);
            Tensor? hv = g.RequiresGrad ? Grad([g], [x], [v], createGraph: createGraph, allowUnused: true)[0] : null;
            return (createGraph ? y : y.Detach(), hv ?? Tensor.ZerosLike(x));
        }

        // The caller's own tensors when the result is to be differentiated with respect to them too, else copies of no history.
        static Tensor[] Begin(IReadOnlyList<Tensor> inputs, bool createGraph) => [.. inputs.Select(t => createGraph && t.RequiresGrad ? t.View(t.Shape) : t.Detach().SetRequiresGrad())];

        static Tensor Gradient(string op, Func<Tensor, Tensor> func, Tensor x) => Gradient(op, func, x, out _);

        static Tensor Gradient(string op, Func<Tensor, Tensor> func, Tensor x, out Tensor y)
        {
            y = func(x);
            if (y.Count != 1) throw new ArgumentException($"{op}: the function must answer one number, not a tensor of shape {y.Shape}. Reduce it first: Sum, Mean.");
            return y.RequiresGrad ? Grad([y], [x], createGraph: true, allowUnused: true)[0] ?? Tensor.ZerosLike(x) : Tensor.ZerosLike(x);
        }
    }
}
