using Flambeau.Ops;

namespace Flambeau.Backends;

public abstract partial class Backend
{
    /// <summary>Changes p and its state in place by a rule; all are contiguous and of one floating-point type.</summary>
    internal abstract void Update<TRule>(TRule rule, Tensor p, Tensor g, ReadOnlySpan<Tensor> state) where TRule : struct, IUpdate;
}
