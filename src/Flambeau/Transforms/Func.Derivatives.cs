using System.Diagnostics.CodeAnalysis;
using Flambeau.Transforms;
using static System.Diagnostics.CodeAnalysis.DynamicallyAccessedMemberTypes;

namespace Flambeau;

public static partial class Func
{
    /// <summary>The gradient of a function with one number as its result. PyTorch's <c>torch.func.grad</c>.</summary>
    /// <param name="func">The function.</param>
    /// <returns>A function of the same argument, whose result has the argument's form.</returns>
    /// <exception cref="ArgumentException">When called: the result is not one real number, or an argument is no floating-point tensor.</exception>
    /// <example><code>Func.Grad(x =&gt; x.Sin().Sum())(x)  // cos(x)</code></example>
    public static Func<Tensor, Tensor> Grad(Func<Tensor, Tensor> func) => Grad<Tensor>(func);

    /// <inheritdoc cref="Grad(Func{Tensor, Tensor})"/>
    public static Func<T, T> Grad<[DynamicallyAccessedMembers(PublicConstructors)] T>(Func<T, Tensor> func)
    {
        var both = ValueAndGrad(func);
        return x => both(x).Grad;
    }

    /// <summary>As <see cref="Grad(Func{Tensor, Tensor})"/> with respect to the first argument; the second is a constant.</summary>
    /// <inheritdoc cref="Grad(Func{Tensor, Tensor})"/>
    public static Func<T, TRest, T> Grad<[DynamicallyAccessedMembers(PublicConstructors)] T, TRest>(Func<T, TRest, Tensor> func) => (x, rest) => Grad<T>(p => func(p, rest))(x);

    /// <summary>As <see cref="Grad(Func{Tensor, Tensor})"/> with respect to the first argument; the others are constants.</summary>
    /// <inheritdoc cref="Grad(Func{Tensor, Tensor})"/>
    public static Func<T, TRest, TMore, T> Grad<[DynamicallyAccessedMembers(PublicConstructors)] T, TRest, TMore>(Func<T, TRest, TMore, Tensor> func) =>
        (x, rest, more) => Grad<T>(p => func(p, rest, more))(x);

    /// <summary>The result and the gradient. PyTorch's <c>torch.func.grad_and_value</c>, JAX's <c>value_and_grad</c>.</summary>
    /// <inheritdoc cref="Grad(Func{Tensor, Tensor})"/>
    public static Func<Tensor, (Tensor Value, Tensor Grad)> ValueAndGrad(Func<Tensor, Tensor> func) => ValueAndGrad<Tensor>(func);

    /// <inheritdoc cref="ValueAndGrad(Func{Tensor, Tensor})"/>
    public static Func<T, (Tensor Value, T Grad)> ValueAndGrad<[DynamicallyAccessedMembers(PublicConstructors)] T>(Func<T, Tensor> func)
    {
        ArgumentNullException.ThrowIfNull(func);
        return x =>
        {
            Recorded r = new(Tree.Leaves(x, "Grad"), leaves => [Scalar(func(Tree.With(x, leaves)), "Grad")]);
            return (r.Outputs[0], Tree.With(x, r.Pull([Tensor.OnesLike(r.Results[0])], keep: false)));
        };
    }

    /// <summary>As <see cref="ValueAndGrad(Func{Tensor, Tensor})"/> with respect to the first argument; the second is a constant.</summary>
    /// <inheritdoc cref="Grad(Func{Tensor, Tensor})"/>
    public static Func<T, TRest, (Tensor Value, T Grad)> ValueAndGrad<[DynamicallyAccessedMembers(PublicConstructors)] T, TRest>(Func<T, TRest, Tensor> func) =>
        (x, rest) => ValueAndGrad<T>(p => func(p, rest))(x);

    /// <summary>Reverse mode: the result, and the function that takes a vector, of the result's form, to its product with the Jacobian. PyTorch's <c>torch.func.vjp</c>.</summary>
    /// <param name="func">The function.</param>
    /// <param name="primals">Where it is differentiated.</param>
    /// <returns>The result; and v ↦ Jᴴv, of the argument's form, which may be called any number of times.</returns>
    /// <exception cref="ArgumentException">An argument is no floating-point tensor, or a vector has not the result's shapes.</exception>
    public static (TOut Output, Func<TOut, TIn> Vjp) Vjp<[DynamicallyAccessedMembers(PublicConstructors)] TIn, [DynamicallyAccessedMembers(PublicConstructors)] TOut>(Func<TIn, TOut> func, TIn primals)
    {
        ArgumentNullException.ThrowIfNull(func);
        TOut y = default!;
        Recorded r = new(Tree.Leaves(primals, "Vjp"), leaves => Tree.Leaves(y = func(Tree.With(primals, leaves)), "Vjp"));
        TOut form = y;
        return (Tree.With(form, r.Outputs), v =>
        {
            Tensor[] g = Tree.Leaves(v, "Vjp");
            SameForm("Vjp", "vectors", r.Results, g);
            return Tree.With(primals, r.Pull(g, keep: true));
        });
    }

    /// <summary>Forward mode: the result, and its derivative along a direction. PyTorch's <c>torch.func.jvp</c>.</summary>
    /// <param name="func">The function.</param>
    /// <param name="primals">Where it is differentiated.</param>
    /// <param name="tangents">The direction, of the same form and shapes.</param>
    /// <returns>The result; and Jt, of the result's form.</returns>
    /// <exception cref="ArgumentException">Shapes differ, or an argument is no floating-point tensor.</exception>
    public static (TOut Output, TOut Jvp) Jvp<[DynamicallyAccessedMembers(PublicConstructors)] TIn, [DynamicallyAccessedMembers(PublicConstructors)] TOut>(Func<TIn, TOut> func, TIn primals, TIn tangents)
    {
        ArgumentNullException.ThrowIfNull(func);
        Tensor[] x = Tree.Leaves(primals, "Jvp"), t = Tree.Leaves(tangents, "Jvp");
        SameForm("Jvp", "tangents", x, t);
        foreach (Tensor p in x)
            if (!p.DType.IsDifferentiable) throw new ArgumentException($"Jvp: a function is differentiated with respect to floating-point or complex tensors, not {p.DType}. Capture it in the lambda, or convert it.");
        using Forward forward = new();
        forward.Begin();
        Tensor[] duals = [.. x.Select((p, i) => forward.Dual(p, t[i].DType == p.DType ? t[i] : t[i].To(p.DType)))];
        TOut y = func(Tree.With(primals, duals));
        using var _ = forward.Step();
        Tensor[] results = Tree.Leaves(y, "Jvp");
        return (Tree.With(y, forward.Behind(results)), Tree.With(y, [.. results.Select(r => forward.Tangent(r) ?? Tensor.ZerosLike(forward.Behind(r)))]));
    }

    /// <summary>
    /// The result, and the function's derivative there as a linear function, which does not run the function again: for many directions at one point.
    /// PyTorch's <c>torch.func.linearize</c>.
    /// </summary>
    /// <param name="func">The function.</param>
    /// <param name="primals">Where it is differentiated.</param>
    /// <returns>The result; and t ↦ Jt.</returns>
    /// <exception cref="ArgumentException">An argument is no floating-point tensor, or a direction has other shapes.</exception>
    public static (TOut Output, Func<TIn, TOut> Jvp) Linearize<[DynamicallyAccessedMembers(PublicConstructors)] TIn, [DynamicallyAccessedMembers(PublicConstructors)] TOut>(Func<TIn, TOut> func, TIn primals)
    {
        ArgumentNullException.ThrowIfNull(func);
        TOut form = default!;
        Recorded r = new(Tree.Leaves(primals, "Linearize"), leaves => Tree.Leaves(form = func(Tree.With(primals, leaves)), "Linearize"));
        var push = PushForward(r.Leaves, r.Results);
        return (Tree.With(form, r.Outputs), tangents =>
        {
            Tensor[] t = Tree.Leaves(tangents, "Linearize");
            SameForm("Linearize", "tangents", r.Leaves, t);
            Tensor?[] y = push([.. t.Select((d, i) => d.DType == r.Leaves[i].DType ? d : d.To(r.Leaves[i].DType))]);
            return Tree.With(form, [.. y.Select((d, i) => d ?? Tensor.ZerosLike(r.Results[i]))]);
        });
    }

    /// <summary>All partial derivatives, by reverse mode, all rows at once: for functions with fewer results than arguments. PyTorch's <c>torch.func.jacrev</c>.</summary>
    /// <param name="func">The function: (…X) → (…Y).</param>
    /// <param name="chunkSize">How many rows at once; null for all.</param>
    /// <returns>A function that gives (…Y, …X).</returns>
    public static Func<Tensor, Tensor> Jacrev(Func<Tensor, Tensor> func, long? chunkSize = null) => Jacrev<Tensor>(func, chunkSize);

    /// <summary>As <see cref="Jacrev(Func{Tensor, Tensor}, long?)"/>, with respect to each tensor of the argument; the result has the argument's form.</summary>
    /// <inheritdoc cref="Jacrev(Func{Tensor, Tensor}, long?)"/>
    public static Func<T, T> Jacrev<[DynamicallyAccessedMembers(PublicConstructors)] T>(Func<T, Tensor> func, long? chunkSize = null) => x =>
    {
        (Tensor y, Func<Tensor, T> vjp) = Vjp(func, x);
        return Rows(y, x, vjp, chunkSize);
    };

    static T Rows<[DynamicallyAccessedMembers(PublicConstructors)] T>(Tensor y, T x, Func<Tensor, T> vjp, long? chunkSize)
    {
        Tensor[] leaves = Tree.Leaves(x, "Jacrev");
        if (y.Count == 0) return Tree.With(x, [.. leaves.Select(l => Tensor.Zeros(new TensorSpec([.. y.Shape, .. l.Shape], l.DType, l.Device)))]);
        Tensor basis = Tensor.Eye(y.Count, dtype: y.DType).Reshape([y.Count, .. y.Shape]);
        Tensor[] rows = Tree.Leaves(Vmap<Tensor, T>(vjp, chunkSize: chunkSize)(basis), "Jacrev");
        return Tree.With(x, [.. rows.Select((r, i) => (r.DType.IsComplex ? r.Conj() : r).Reshape([.. y.Shape, .. leaves[i].Shape]))]);   // vjp has given rows of Jᴴ's transpose
    }

    /// <summary>All partial derivatives, by forward mode, all columns at once: for functions with fewer arguments than results. PyTorch's <c>torch.func.jacfwd</c>.</summary>
    /// <param name="func">The function: (…X) → (…Y).</param>
    /// <param name="chunkSize">How many columns at once; null for all.</param>
    /// <returns>A function that gives (…Y, …X).</returns>
    public static Func<Tensor, Tensor> Jacfwd(Func<Tensor, Tensor> func, long? chunkSize = null) => x =>
    {
        if (x.Count == 0) return Tensor.Zeros(new TensorSpec([.. func(x).Shape, .. x.Shape], x.DType, x.Device));
        Tensor basis = Tensor.Eye(x.Count, dtype: x.DType).Reshape([x.Count, .. x.Shape]);
        Tensor columns = Vmap(t => Jvp(func, x, t).Jvp, outDim: -1, chunkSize: chunkSize)(basis);
        return columns.Reshape([.. columns.Shape.Span[..^1], .. x.Shape]);
    };

    /// <summary>All partial derivatives, in whichever mode takes fewer passes: reverse where there are no more results than arguments, else forward.</summary>
    /// <param name="func">The function: (…X) → (…Y). It is run once to see how many results there are.</param>
    /// <returns>A function that gives (…Y, …X).</returns>
    public static Func<Tensor, Tensor> Jacobian(Func<Tensor, Tensor> func) => x =>
    {
        (Tensor y, Func<Tensor, Tensor> vjp) = Vjp(func, x);
        return y.Count <= x.Count ? Rows(y, x, vjp, null) : Jacfwd(func)(x);
    };

    /// <summary>All second derivatives of a function with one number as its result, forward over reverse. PyTorch's <c>torch.func.hessian</c>.</summary>
    /// <param name="func">The function: (…X) → one number.</param>
    /// <returns>A function that gives (…X, …X).</returns>
    public static Func<Tensor, Tensor> Hessian(Func<Tensor, Tensor> func) => Jacfwd(Grad(func));

    /// <summary>The Hessian times a vector, forward over reverse: about the cost of two gradients, without the Hessian.</summary>
    /// <param name="func">The function, with one number as its result.</param>
    /// <param name="primals">Where.</param>
    /// <param name="vector">The vector, of the same form and shapes.</param>
    /// <returns>The gradient, and the product.</returns>
    public static (T Grad, T Hvp) Hvp<[DynamicallyAccessedMembers(PublicConstructors)] T>(Func<T, Tensor> func, T primals, T vector) => Jvp(Grad(func), primals, vector);
}
