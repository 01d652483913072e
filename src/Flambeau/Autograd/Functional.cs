namespace Flambeau;

public static partial class Autograd
{
    /// <summary>
    /// Derivatives of functions at a point. PyTorch's <c>torch.autograd.functional</c>. The transforms of <see cref="Func"/> say the same, compose and
    /// take any form of argument.
    /// </summary>
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
            return [.. Func.Jacrev<Tensor[]>(func)([.. inputs.Select(x => From(x, createGraph))]).Select(j => To(j, createGraph))];
        }

        /// <summary>All second derivatives of a scalar function: (…X) gives (…X, …X).</summary>
        /// <param name="func">The function; its result has one element.</param>
        /// <param name="input">Where to differentiate it.</param>
        /// <param name="createGraph">Whether the result can be differentiated.</param>
        /// <exception cref="ArgumentException">The result has several elements.</exception>
        public static Tensor Hessian(Func<Tensor, Tensor> func, Tensor input, bool createGraph = false)
        {
            using var _ = EnableGrad();
            return To(Func.Jacrev(Func.Grad(func))(From(input, createGraph)), createGraph);
        }

        /// <summary>A vector times the Jacobian: the result and Σ vᵢ ∂yᵢ/∂x.</summary>
        /// <param name="func">The function.</param>
        /// <param name="input">Where to differentiate it.</param>
        /// <param name="v">One weight for each element of the result; may be null for a scalar.</param>
        /// <param name="createGraph">Whether the product can be differentiated.</param>
        /// <exception cref="ArgumentException">The vector has another shape than the result, or none is given for several results.</exception>
        public static (Tensor Output, Tensor Vjp) Vjp(Func<Tensor, Tensor> func, Tensor input, Tensor? v = null, bool createGraph = false)
        {
            using var _ = EnableGrad();
            (Tensor y, Func<Tensor, Tensor> vjp) = Func.Vjp(func, From(input, createGraph));
            if (v is null && y.Count != 1) throw new ArgumentException($"Vjp: the vector can be left out for a single number only, and the result has shape {y.Shape}.");
            return (To(y, createGraph), To(vjp(v ?? Tensor.OnesLike(y)), createGraph));
        }

        /// <summary>The Jacobian times a vector, by forward mode: the result and Σ ∂y/∂xⱼ vⱼ.</summary>
        /// <param name="func">The function.</param>
        /// <param name="input">Where to differentiate it.</param>
        /// <param name="v">One weight for each element of the input.</param>
        /// <param name="createGraph">Whether the product can be differentiated.</param>
        /// <exception cref="ArgumentException">The vector has another shape than the input.</exception>
        public static (Tensor Output, Tensor Jvp) Jvp(Func<Tensor, Tensor> func, Tensor input, Tensor v, bool createGraph = false)
        {
            using var _ = EnableGrad();
            (Tensor y, Tensor jv) = Func.Jvp(func, From(input, createGraph), v);
            return (To(y, createGraph), To(jv, createGraph));
        }

        /// <summary>The Hessian of a scalar function times a vector, without the Hessian.</summary>
        /// <inheritdoc cref="Jvp"/>
        public static (Tensor Output, Tensor Hvp) Hvp(Func<Tensor, Tensor> func, Tensor input, Tensor v, bool createGraph = false)
        {
            using var _ = EnableGrad();
            var ((y, _), (_, hv)) = Func.Jvp(Func.ValueAndGrad(func), From(input, createGraph), v);
            return (To(y, createGraph), To(hv, createGraph));
        }

        /// <summary>A vector times the Hessian of a scalar function, which is symmetric; without the Hessian.</summary>
        /// <inheritdoc cref="Jvp"/>
        public static (Tensor Output, Tensor Vhp) Vhp(Func<Tensor, Tensor> func, Tensor input, Tensor v, bool createGraph = false) => Hvp(func, input, v, createGraph);

        // The caller's own tensors when the result is to be differentiated with respect to them too, else what has no history.
        static Tensor From(Tensor x, bool createGraph) => createGraph ? x : x.Detach();

        static Tensor To(Tensor y, bool createGraph) => createGraph ? y : y.Detach();
    }
}
