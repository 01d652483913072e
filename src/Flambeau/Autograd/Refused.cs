using Flambeau.Backends;

namespace Flambeau.Ops;

/// <summary>Stands in the graph where no gradient may pass: one that comes here is an error.</summary>
/// <param name="Of">The operation in whose place it stands.</param>
/// <param name="Why">The message.</param>
internal sealed record Refused(string Of, string Why) : Op
{
    public override string Name => Of;

    protected internal override TensorSpec Infer(Args x) => throw new NotSupportedException();

    protected internal override void Run(Backend d, Args x, Tensor y) => throw new NotSupportedException();

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n) => throw new InvalidOperationException($"Backward of {Of}: {Why}");
}
