namespace Flambeau.Nn;

/// <summary>How much to prune: a whole number of elements, or a part of them between 0 and 1.</summary>
public readonly record struct PruneAmount
{
    readonly double _part;
    readonly long _count;
    readonly bool _isCount;

    PruneAmount(double part, long count, bool isCount) => (_part, _count, _isCount) = (part, count, isCount);

    /// <summary>A part, from 0 to 1.</summary>
    public static implicit operator PruneAmount(double part) => part is >= 0 and <= 1 ? new(part, 0, false)
        : throw new ArgumentOutOfRangeException(nameof(part), part, $"The part to prune is {part}; it must lie in [0, 1]. A number of elements is an integer.");

    /// <summary>So many elements.</summary>
    public static implicit operator PruneAmount(long count) => count >= 0 ? new(0, count, true) : throw new ArgumentOutOfRangeException(nameof(count), count, "The number of elements to prune is negative.");

    /// <summary>So many elements.</summary>
    public static implicit operator PruneAmount(int count) => (long)count;

    internal long Of(long size) => !_isCount ? (long)Math.Round(_part * size, MidpointRounding.ToEven)
        : _count <= size ? _count : throw new ArgumentOutOfRangeException(nameof(size), $"{_count} of {size} cannot be pruned.");
}

/// <summary>Which elements of a tensor are pruned. PyTorch's <c>torch.nn.utils.prune.BasePruningMethod</c>.</summary>
public abstract class BasePruningMethod
{
    /// <summary>Whether elements are pruned one by one, or whole slices along <see cref="Dim"/>.</summary>
    public virtual bool IsStructured => false;

    /// <summary>The axis of the slices.</summary>
    public virtual int Dim => 0;

    /// <summary>A mask of 1 and 0, of the type of <paramref name="t"/>.</summary>
    /// <param name="t">How important each element is: by default the values.</param>
    /// <param name="defaultMask">The mask so far.</param>
    public abstract Tensor ComputeMask(Tensor t, Tensor defaultMask);

    /// <summary>The mask after this method was applied to what an earlier mask left over.</summary>
    internal virtual Tensor Combine(Tensor scores, Tensor mask)
    {
        if (IsStructured)
        {
            int dim = Layout.Axis(Dim, scores.Rank, "Prune");
            Tensor left = mask.Transpose(0, dim).Flatten(1).Ne(0).Any([1]).NonZero().Squeeze(1);
            Tensor part = ComputeMask(scores.IndexSelect(dim, left), mask.IndexSelect(dim, left));
            return mask.Clone().IndexCopyInPlace(dim, left, part);
        }
        Tensor at = mask.Flatten().Ne(0).NonZero().Squeeze(1);
        Tensor flat = mask.Flatten().Clone();
        flat.IndexCopyInPlace(0, at, ComputeMask(scores.Flatten().IndexSelect(0, at), flat.IndexSelect(0, at)));
        return flat.Reshape(mask.Shape);
    }
}

/// <summary>Elements at random. PyTorch's <c>RandomUnstructured</c>.</summary>
public sealed class RandomUnstructured(PruneAmount amount) : BasePruningMethod
{
    /// <inheritdoc/>
    public override Tensor ComputeMask(Tensor t, Tensor defaultMask) => Pruning.Without(defaultMask, Tensor.RandLike(t), amount.Of(t.Count), largest: true);
}

/// <summary>The elements of the smallest size. PyTorch's <c>L1Unstructured</c>.</summary>
public sealed class L1Unstructured(PruneAmount amount) : BasePruningMethod
{
    /// <inheritdoc/>
    public override Tensor ComputeMask(Tensor t, Tensor defaultMask) => Pruning.Without(defaultMask, t.Abs(), amount.Of(t.Count), largest: false);
}

/// <summary>Slices at random. PyTorch's <c>RandomStructured</c>.</summary>
public sealed class RandomStructured(PruneAmount amount, int dim = -1) : BasePruningMethod
{
    /// <inheritdoc/>
    public override bool IsStructured => true;

    /// <inheritdoc/>
    public override int Dim => dim;

    /// <inheritdoc/>
    public override Tensor ComputeMask(Tensor t, Tensor defaultMask) =>
        Pruning.WithoutSlices(defaultMask, Tensor.Rand([t.Size(dim)], DType.Float32), amount.Of(t.Size(dim)), Layout.Axis(dim, t.Rank, "RandomStructured"));
}

/// <summary>The slices of the smallest norm. PyTorch's <c>LnStructured</c>.</summary>
/// <param name="amount">How many.</param>
/// <param name="n">The p of the norm.</param>
/// <param name="dim">The axis of the slices.</param>
public sealed class LnStructured(PruneAmount amount, double n, int dim = -1) : BasePruningMethod
{
    /// <inheritdoc/>
    public override bool IsStructured => true;

    /// <inheritdoc/>
    public override int Dim => dim;

    /// <inheritdoc/>
    public override Tensor ComputeMask(Tensor t, Tensor defaultMask)
    {
        int d = Layout.Axis(dim, t.Rank, "LnStructured");
        Tensor size = t.Transpose(0, d).Reshape(t.Shape[d], -1).Abs();
        Tensor norm = double.IsPositiveInfinity(n) ? size.Max(1).Values : size.Pow(n).Sum(1);
        return Pruning.WithoutSlices(defaultMask, norm, amount.Of(t.Shape[d]), d);
    }
}

/// <summary>The elements where a given mask is 0. PyTorch's <c>CustomFromMask</c>.</summary>
public sealed class CustomFromMask(Tensor mask) : BasePruningMethod
{
    /// <inheritdoc/>
    public override Tensor ComputeMask(Tensor t, Tensor defaultMask) => defaultMask * mask.To(defaultMask.DType).Reshape(defaultMask.Shape);

    internal override Tensor Combine(Tensor scores, Tensor mask) => ComputeMask(scores, mask);
}

/// <summary>Several methods one after another, each on what is left. PyTorch's <c>PruningContainer</c>.</summary>
public sealed class PruningContainer(params IEnumerable<BasePruningMethod> methods) : BasePruningMethod
{
    readonly BasePruningMethod[] _methods = [.. methods];

    /// <inheritdoc/>
    public override bool IsStructured => _methods.Any(m => m.IsStructured);

    /// <inheritdoc/>
    public override Tensor ComputeMask(Tensor t, Tensor defaultMask)
    {
        foreach (BasePruningMethod m in _methods) defaultMask = m.Combine(t, defaultMask);
        return defaultMask;
    }

    internal override Tensor Combine(Tensor scores, Tensor mask) => ComputeMask(scores, mask);
}

static class Pruning
{
    public static Tensor Without(Tensor mask, Tensor scores, long count, bool largest)
    {
        Tensor y = mask.Clone();
        if (count > 0) y.Flatten().IndexFillInPlace(0, scores.Flatten().TopK(count, largest: largest).Indices, 0);
        return y;
    }

    public static Tensor WithoutSlices(Tensor mask, Tensor scores, long count, int dim)
    {
        Tensor y = mask.Clone();
        if (count > 0) y.IndexFillInPlace(dim, scores.TopK(count, largest: false).Indices, 0);
        return y;
    }
}

/// <summary>
/// Parameters of which elements are held at zero: <c>weight</c> becomes <c>weight_orig</c>, which is learned, times the buffer <c>weight_mask</c>. What is pruned again is
/// pruned of what is left. PyTorch's <c>torch.nn.utils.prune</c>.
/// </summary>
public static class Prune
{
    const string Kind = "pruning";

    /// <summary>Applies a method to a parameter.</summary>
    /// <param name="module">The module.</param>
    /// <param name="name">The name of its parameter.</param>
    /// <param name="method">Which elements go.</param>
    /// <param name="importanceScores">How important each element is, in the parameter's shape; by default its values.</param>
    /// <returns>The module.</returns>
    /// <exception cref="ArgumentException">There is no such parameter, or the scores have another shape.</exception>
    public static TModule Apply<TModule>(TModule module, string name, BasePruningMethod method, Tensor? importanceScores = null) where TModule : Module
    {
        ArgumentNullException.ThrowIfNull(method);
        using var _ = Autograd.NoGrad();
        (Tensor values, Tensor mask) = Present(module, name);
        if (importanceScores is not null && importanceScores.Shape != values.Shape)
            throw new ArgumentException($"Prune: scores of shape {importanceScores.Shape} for a parameter of shape {values.Shape}.", nameof(importanceScores));
        Set(module, name, method.Combine(importanceScores ?? values, mask));
        return module;
    }

    static (Tensor Values, Tensor Mask) Present(Module module, string name)
    {
        if (Find(module, name) is { } d) return (((Tensor)d.Members[0].Value).Detach(), ((Tensor)d.Members[1].Value).Clone());
        Tensor p = module.ParameterOf(name).Detach();
        return (p, Tensor.OnesLike(p));
    }

    static void Set(Module module, string name, Tensor mask)
    {
        if (Find(module, name) is { } d)
        {
            ((Tensor)d.Members[1].Value).CopyInPlace(mask);
            d.Update();
            return;
        }
        Parameter target = module.ParameterOf(name), original = new(target.Detach().Clone(), target.RequiresGrad);
        Module.Buffer kept = new(mask);
        module.Derive(new(name, target, Kind, [(name + "_orig", original), (name + "_mask", kept)], () => original * kept));
    }

    static Derived? Find(Module module, string name) => module.DerivedParameters.FirstOrDefault(d => d.Name == name && (string)d.Kind == Kind);

    /// <summary>Prepares for pruning without pruning anything.</summary>
    public static TModule Identity<TModule>(TModule module, string name) where TModule : Module
    {
        using var _ = Autograd.NoGrad();
        Set(module, name, Present(module, name).Mask);
        return module;
    }

    /// <summary>Prunes elements at random.</summary>
    public static TModule RandomUnstructured<TModule>(TModule module, string name, PruneAmount amount) where TModule : Module => Apply(module, name, new RandomUnstructured(amount));

    /// <summary>Prunes the elements of the smallest size.</summary>
    public static TModule L1Unstructured<TModule>(TModule module, string name, PruneAmount amount, Tensor? importanceScores = null) where TModule : Module =>
        Apply(module, name, new L1Unstructured(amount), importanceScores);

    /// <summary>Prunes slices along an axis at random.</summary>
    public static TModule RandomStructured<TModule>(TModule module, string name, PruneAmount amount, int dim) where TModule : Module => Apply(module, name, new RandomStructured(amount, dim));

    /// <summary>Prunes the slices along an axis that have the smallest norm.</summary>
    public static TModule LnStructured<TModule>(TModule module, string name, PruneAmount amount, double n, int dim, Tensor? importanceScores = null) where TModule : Module =>
        Apply(module, name, new LnStructured(amount, n, dim), importanceScores);

    /// <summary>Prunes where a mask is 0.</summary>
    public static TModule CustomFromMask<TModule>(TModule module, string name, Tensor mask) where TModule : Module => Apply(module, name, new CustomFromMask(mask));

    /// <summary>Applies a method to many parameters as if they were one.</summary>
    /// <param name="parameters">The modules and the names of their parameters.</param>
    /// <param name="pruningMethod">Which elements go; it must not be structured.</param>
    /// <exception cref="ArgumentException">The method is structured, or there are no parameters.</exception>
    public static void GlobalUnstructured(IEnumerable<(Module Module, string Name)> parameters, BasePruningMethod pruningMethod)
    {
        ArgumentNullException.ThrowIfNull(pruningMethod);
        if (pruningMethod.IsStructured) throw new ArgumentException("GlobalUnstructured: slices of different parameters cannot be compared. Use an unstructured method.", nameof(pruningMethod));
        using var _ = Autograd.NoGrad();
        (Module Module, string Name)[] all = [.. parameters];
        if (all.Length == 0) throw new ArgumentException("GlobalUnstructured: there are no parameters.", nameof(parameters));
        (Tensor Values, Tensor Mask)[] present = [.. all.Select(p => Present(p.Module, p.Name))];
        Tensor mask = pruningMethod.Combine(Tensor.Cat([.. present.Select(p => p.Values.Flatten())]), Tensor.Cat([.. present.Select(p => p.Mask.Flatten())]));
        long at = 0;
        for (int i = 0; i < all.Length; at += present[i++].Mask.Count)
            Set(all[i].Module, all[i].Name, mask.Narrow(0, at, present[i].Mask.Count).Reshape(present[i].Mask.Shape));
    }

    /// <summary>Makes a pruned parameter a plain one, with its zeros.</summary>
    /// <exception cref="ArgumentException">It is not pruned.</exception>
    public static TModule Remove<TModule>(TModule module, string name) where TModule : Module
    {
        Derived d = Find(module, name) ?? throw new ArgumentException($"Prune: '{name}' of {module.GetType().Name} is not pruned.", nameof(name));
        d.Update();
        module.Underive(d);
        d.Target.SetData(d.Target.Detach().Clone());
        return module;
    }

    /// <summary>Whether a parameter of the module, or of one inside, is pruned.</summary>
    public static bool IsPruned(Module module) => module.Modules().Any(m => m.DerivedParameters.Any(d => (string)d.Kind == Kind));
}
