using Flambeau.Transforms;

namespace Flambeau;

/// <summary>Automatic differentiation. PyTorch's <c>torch.autograd</c> and the grad-mode scopes of <c>torch</c>.</summary>
public static partial class Autograd
{
    /// <summary>Bit d: nothing is recorded of tensors at depth d, behind which d transforms lie.</summary>
    [ThreadStatic] static ulong t_disabled;
    [ThreadStatic] static bool t_inference;

    /// <summary>Whether operations on this thread are recorded.</summary>
    public static bool IsGradEnabled => IsGradEnabledAt(Transform.Current?.Depth ?? 0);

    internal static bool IsGradEnabledAt(int depth) => (t_disabled >> depth & 1) == 0;

    /// <summary>
    /// Whether what a derivative computes may itself be differentiated, or carried out for many: then it must be made of operations that state how.
    /// Where not, a fused kernel may serve.
    /// </summary>
    internal static bool IsComposing => Transform.Current is not null || IsGradEnabledAt(0);

    /// <summary>Whether this thread is inside <see cref="InferenceMode"/>.</summary>
    public static bool IsInferenceMode => t_inference;

    /// <summary>Nothing is recorded until the scope is disposed: <c>using (Autograd.NoGrad()) { … }</c>. Holds for the current thread.</summary>
    public static GradScope NoGrad() => SetGradEnabled(false);

    /// <summary>Records, or does not, tensors of one depth.</summary>
    internal static GradScope SetGradEnabledAt(int depth, bool enabled) => new(enabled ? t_disabled & ~(1ul << depth) : t_disabled | 1ul << depth, t_inference);

    internal static GradScope EnableGradAt(int depth) => SetGradEnabledAt(depth, true);

    /// <summary>Operations are recorded until the scope is disposed, also inside <see cref="NoGrad"/>.</summary>
    public static GradScope EnableGrad() => SetGradEnabled(true);

    /// <summary>As <see cref="NoGrad"/>, and <see cref="IsInferenceMode"/> says so. Version counters are kept all the same, so that what is made inside may be used outside.</summary>
    public static GradScope InferenceMode() => new(~0ul, inference: true);

    /// <summary>Turns recording on or off until the scope is disposed.</summary>
    public static GradScope SetGradEnabled(bool enabled) => new(enabled ? 0 : ~0ul, t_inference);

    /// <summary>The gradients of the sum of <paramref name="outputs"/> (each weighted by its gradient) with respect to <paramref name="inputs"/>; leaves' Grad stays as it is.</summary>
    /// <param name="outputs">What is differentiated.</param>
    /// <param name="inputs">With respect to what.</param>
    /// <param name="gradOutputs">The vectors of the vector–Jacobian product; may be null for scalars.</param>
    /// <param name="retainGraph">Whether the graph can be walked again; by default as <paramref name="createGraph"/>.</param>
    /// <param name="createGraph">Whether the gradients can be differentiated again.</param>
    /// <param name="allowUnused">Whether an input that the outputs do not depend on gets null instead of an error.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, or an input does not require grad.</exception>
    /// <exception cref="InvalidOperationException">An output has no graph, an input is unused, or saved values changed.</exception>
    public static Tensor?[] Grad(IReadOnlyList<Tensor> outputs, IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor?>? gradOutputs = null,
        bool? retainGraph = null, bool createGraph = false, bool allowUnused = false)
    {
        foreach (Tensor x in inputs)
            if (!x.RequiresGrad) throw new ArgumentException("Autograd.Grad: an input does not require grad. Set RequiresGrad before the forward pass.", nameof(inputs));
        return Grad(outputs, [.. inputs.Select(Engine.Key)], gradOutputs, retainGraph ?? createGraph, createGraph, allowUnused);
    }

    static Tensor?[] Grad(IReadOnlyList<Tensor> outputs, object[] inputs, IReadOnlyList<Tensor?>? gradOutputs, bool retainGraph, bool createGraph, bool allowUnused)
    {
        if (gradOutputs is not null && gradOutputs.Count != outputs.Count)
            throw new ArgumentException($"Autograd.Grad: {outputs.Count} outputs but {gradOutputs.Count} gradients.", nameof(gradOutputs));
        var seeds = new Tensor?[outputs.Count];
        for (int i = 0; i < outputs.Count; i++) seeds[i] = Seed(outputs[i], gradOutputs?[i], "Autograd.Grad");
        Tensor?[] g = Engine.Run(outputs, seeds, retainGraph, createGraph, inputs);
        for (int i = 0; i < g.Length && !allowUnused; i++)
            if (g[i] is null) throw new InvalidOperationException($"Autograd.Grad: the outputs do not depend on input {i}. Pass allowUnused: true to get null for it.");
        return g;
    }

    /// <summary>The gradient of one scalar with respect to one tensor.</summary>
    /// <inheritdoc cref="Grad(IReadOnlyList{Tensor}, IReadOnlyList{Tensor}, IReadOnlyList{Tensor}, bool?, bool, bool)"/>
    public static Tensor Grad(Tensor output, Tensor input, Tensor? gradOutput = null, bool? retainGraph = null, bool createGraph = false) =>
        Grad([output], [input], [gradOutput], retainGraph, createGraph)[0]!;

    /// <summary>Adds the gradients of <paramref name="tensors"/> to the leaves they depend on.</summary>
    /// <param name="tensors">What is differentiated.</param>
    /// <param name="gradTensors">Their gradients; may be null for scalars.</param>
    /// <param name="retainGraph">Whether the graph can be walked again; by default as <paramref name="createGraph"/>.</param>
    /// <param name="createGraph">Whether the gradients can be differentiated again.</param>
    /// <param name="inputs">If given, only these leaves' Grad is added to.</param>
    /// <exception cref="ArgumentException">A gradient has another shape than its tensor.</exception>
    /// <exception cref="InvalidOperationException">A tensor has no graph, or saved values changed.</exception>
    public static void Backward(IReadOnlyList<Tensor> tensors, IReadOnlyList<Tensor?>? gradTensors = null, bool? retainGraph = null, bool createGraph = false,
        IReadOnlyList<Tensor>? inputs = null)
    {
        var seeds = new Tensor?[tensors.Count];
        for (int i = 0; i < tensors.Count; i++) seeds[i] = Seed(tensors[i], gradTensors?[i], "Backward");
        Tensor?[] g = Engine.Run(tensors, seeds, retainGraph ?? createGraph, createGraph, inputs is null ? null : [.. inputs.Select(Engine.Key)]);
        for (int i = 0; i < (inputs?.Count ?? 0); i++) if (g[i] is { } t) inputs![i].AccumulateGradient(t, false, createGraph);
    }

    static Tensor Seed(Tensor y, Tensor? g, string op)
    {
        if (!y.RequiresGrad)
            throw new InvalidOperationException($"{op}: the tensor of shape {y.Shape} does not require grad and has no graph. Set RequiresGrad on what it is computed from, outside NoGrad.");
        if (g is null && y.Count == 1 && y.DType.IsComplex)
            throw new InvalidOperationException($"{op}: a gradient can be left out for real scalars only, and this tensor is {y.DType}. Take a real loss (Abs, Real), or pass its gradient.");
        if (g is null)
            return y.Count == 1 ? Tensor.Ones(new TensorSpec(y.Shape, y.DType, y.Device))
                : throw new InvalidOperationException($"{op}: a gradient can be left out for scalars only, and this tensor has shape {y.Shape}. Reduce it first (Sum, Mean), or pass its gradient.");
        if (g.Shape != y.Shape) throw new ArgumentException($"{op}: the gradient has shape {g.Shape}, the tensor {y.Shape}; they must be equal.");
        if (g.DType.IsComplex != y.DType.IsComplex)
            throw new InvalidOperationException($"{op}: the gradient is {g.DType}, the tensor {y.DType}; both must be complex, or both real.");
        return g.DType == y.DType ? g : g.To(y.DType);
    }

    /// <summary>Restores the thread's mode when disposed.</summary>
    public readonly struct GradScope : IDisposable
    {
        readonly ulong _disabled;
        readonly bool _inference;

        internal GradScope(ulong disabled, bool inference)
        {
            (_disabled, _inference) = (t_disabled, t_inference);
            (t_disabled, t_inference) = (disabled, inference);
        }

        /// <summary>Ends the scope.</summary>
        public void Dispose() => (t_disabled, t_inference) = (_disabled, _inference);
    }
}
